import { describe, expect, it } from 'vitest';
import { expectations } from '../../../src/chaos/checks/expectations/index.ts';
import { invariants } from '../../../src/chaos/checks/invariants/index.ts';
import { faults } from '../../../src/chaos/faults/index.ts';
import { run } from '../../../src/cli/scenarios/scenarios-command.ts';
import { run as schema } from '../../../src/cli/scenarios/schema-command.ts';
import { commandInput, problemsOf, testContext } from '../helpers.ts';
import { scenarioFolder, scenarioText } from './scenario-files.ts';

describe('scenarios', () => {
  it('P02 lists names, tags and descriptions; --tag chooses, --json gives one object', async () => {
    await using folder = await scenarioFolder(['mine-one', 'other-two']);
    const context = testContext({ cwd: folder.path });
    expect(await run(commandInput({ tag: 'mine' }), context)).toBe(0);
    expect(context.out()).toMatch(/^name +tags +description\nmine-one +mine, all +For a test of mine-one\.\n$/);
    const json = testContext({ cwd: folder.path });
    await run(commandInput({ tag: 'mine', json: true }), json);
    expect(JSON.parse(json.out())).toEqual({ v: 1, scenarios: [{ name: 'mine-one', tags: 'mine, all', description: 'For a test of mine-one.', file: 'scenarios/mine-one.yaml' }] });
  });

  it('P02 lists every fault and every check of the registries', async () => {
    for (const [option, names] of [['faults', faults.map(({ type }) => type)], ['checks', [...invariants, ...expectations].map(({ name }) => name)]] as const) {
      const context = testContext({ columns: 200 });
      await run(commandInput({ [option]: true }), context);
      const listed = context.out().split('\n').map((line) => line.split(' ')[0]);
      for (const name of names) expect(listed).toContain(name);
    }
  });

  it('P02 validate reads what is named, or all, and tells every problem', async () => {
    await using folder = await scenarioFolder(['good'], { 'bad/one.yaml': scenarioText('one', 'colour: red\n'), 'bad/two.yaml': scenarioText('another') });
    const context = testContext({ cwd: folder.path });
    expect(await run(commandInput({}, ['validate', 'good']), context)).toBe(0);
    expect(context.out()).toBe('1 scenario is valid\n');
    const problems = await problemsOf(() => run(commandInput({}, ['validate', 'good', 'bad']), context));
    expect(problems).toEqual([expect.stringMatching(/^bad\/one\.yaml:7:1: "colour" means nothing here; /), expect.stringMatching(/^bad\/two\.yaml:1:\d+: the scenario is called "another" and its file "two"; /)]);
  });

  it('P02 a word that is no action, and two lists at once, are refused', async () => {
    expect(await problemsOf(() => run(commandInput({}, ['vaildate']), testContext()))).toEqual([expect.stringMatching(/^vaildate: is nothing that `scenarios` does/)]);
    expect(await problemsOf(() => run(commandInput({ faults: true, checks: true }), testContext()))).toEqual([expect.stringMatching(/^--faults: does not go with anything else/)]);
  });
});

describe('schema', () => {
  it('P02 prints a JSON Schema that knows every fault and every check', async () => {
    const context = testContext();
    expect(await schema(commandInput(), context)).toBe(0);
    const text = context.out();
    expect(JSON.parse(text)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', required: expect.arrayContaining(['name', 'description']) });
    for (const name of [...faults.map(({ type }) => type), ...expectations.map((check) => check.name)]) expect(text).toContain(`"const": "${name}"`);
  });
});
