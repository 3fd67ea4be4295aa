import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/chaos/chaos-command.ts';
import type { ChaosReport } from '../../../src/reporters/chaos-report.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { commandInput, problemsOf, testContext } from '../helpers.ts';
import { scenarioFolder, scenarioText } from './scenario-files.ts';

describe('chaos, before anything is started', () => {
  it('P02 needs a scenario, by name or by --all or --tag, and not by two of them', async () => {
    await using folder = await scenarioFolder(['one']);
    const context = testContext({ cwd: folder.path });
    expect(await problemsOf(() => run(commandInput(), context))).toEqual([expect.stringMatching(/^chaos: needs a scenario; /)]);
    expect(await problemsOf(() => run(commandInput({ all: true }, ['one']), context))).toEqual([expect.stringMatching(/^--all: does not go with names/)]);
  });

  it('P02 tells everything that is wrong at once: flags, names and files', async () => {
    await using folder = await scenarioFolder(['one'], { 'bad.yaml': scenarioText('bad', 'colour: red\n') });
    const options = { repeat: '0', parallel: 'many', reporter: 'junt,html', infra: 'docker', seed: ' ', out: '' };
    const problems = await problemsOf(() => run(commandInput(options, ['onne', 'bad.yaml']), testContext({ cwd: folder.path })));
    expect(problems.map((line) => line.split(/[;:] /)[0])).toEqual(expect.arrayContaining(['--repeat', '--parallel', '--reporter', '--infra', '--seed', '--out', 'onne']));
    expect(problems.join('\n')).toMatch(/there is no reporter "junt"; did you mean "junit"\?/);
    expect(problems.join('\n')).toMatch(/bad\.yaml:7:1: "colour" means nothing here/);
    expect(await readdir(folder.path)).not.toContain('.netra');
  });

  it('P02 one file that cannot be read keeps --all from beginning', async () => {
    await using folder = await scenarioFolder(['one'], { 'scenarios/bad.yaml': 'name: [' });
    const problems = await problemsOf(() => run(commandInput({ all: true, dryRun: true }), testContext({ cwd: folder.path })));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every((line) => line.startsWith('scenarios/bad.yaml:1:'))).toBe(true);
  });
});

describe('chaos --dry-run', () => {
  const rest = `  - { type: latency, target: kafka, at: 0s, latency: 400ms, probability: 0.5, repeat: { times: 3, every: 5s }, for: 1s }
  - { type: kill, target: reporting, after: { event: checkpoint.saved, count: 2 } }
expect:
  - { check: resumed, at_least: 1 }
fleet: { environment: { NETRA_LLM_SILENCE_MS: 700 } }
guardrails: [ { level: 4, lasts: 20s } ]
waive: [ { check: no-job-lost, reason: the first job is meant to be lost } ]
`;

  it('P02 prints the timeline, the checks and the limits, and starts nothing', async () => {
    await using folder = await tempFolder({ 'scenarios/plan.yaml': scenarioText('plan', rest) });
    const context = testContext({ cwd: folder.path });
    expect(await run(commandInput({ dryRun: true, seed: '7' }, ['plan']), context)).toBe(0);
    const text = context.out();
    expect(text).toContain('plan  seed 7\n');
    expect(text).toContain('  hosts are told (NETRA_LLM_SILENCE_MS 700)\n');
    expect(text).toContain('  at 1s: down on redis, for 2s\n');
    expect(text).toMatch(/ {2}at 15s: latency on kafka, for 1s \(latency 400, .*\) \(drawn 0\.\d{3}: it (?:happens|does not happen)\)\n/);
    expect(text).toMatch(/ {2}after 2 × checkpoint\.saved: kill on reporting-[12], at once\n/);
    expect(text).toMatch(/ {2}always no-job-lost: .*\(waived: the first job is meant to be lost\)\n/);
    expect(text).toMatch(/ {2}asked {2}resumed \(at_least 1\): /);
    expect(text).toContain('the faults end once level 4 has lasted 20s');
    // In the order in which they begin.
    expect([...text.matchAll(/^ {2}(?:at|after) (\w+)/gm)].map(([, when]) => when)).toEqual(['0ms', '1s', '5s', '10s', '15s', '2']);
    expect(await readdir(folder.path)).toEqual(['scenarios']);
  });

  it('P02 the seed decides draws and hosts: the same twice, and another seed another plan', async () => {
    await using folder = await tempFolder({ 'scenarios/plan.yaml': scenarioText('plan', rest) });
    const plan = async (seed: string): Promise<string> => {
      const context = testContext({ cwd: folder.path });
      await run(commandInput({ dryRun: true, json: true, seed }, ['plan']), context);
      return context.out();
    };
    expect(await plan('7')).toBe(await plan('7'));
    const [{ timeline: first }, { timeline: second }] = [JSON.parse(await plan('7')).scenarios[0], JSON.parse(await plan('8')).scenarios[0]] as { timeline: { draw: number }[] }[] as [{ timeline: { draw: number }[] }, { timeline: { draw: number }[] }];
    expect(first.map(({ draw }) => draw)).not.toEqual(second.map(({ draw }) => draw));
  });

  it('P02 --json prints one object; a reporter has nothing to report', async () => {
    await using folder = await scenarioFolder(['a', 'b']);
    const context = testContext({ cwd: folder.path });
    await run(commandInput({ dryRun: true, json: true, tag: 'a' }), context);
    expect(context.out().trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(context.out())).toMatchObject({ v: 1, dry_run: true, scenarios: [{ name: 'a', timeline: [{ when: 'at 1s', type: 'down', target: 'redis', lasts: 'for 2s', happens: true, draw: null }] }] });
    expect(await problemsOf(() => run(commandInput({ dryRun: true, reporter: 'junit' }, ['a']), context))).toEqual([expect.stringMatching(/^--reporter: has nothing to report/)]);
  });
});

describe('chaos that cannot begin', () => {
  it('P02 ends with 69 where there is no such infrastructure, before it writes anything', async () => {
    await using folder = await scenarioFolder(['one']);
    await expect(run(commandInput({ infra: 'external', redis: 'redis://127.0.0.1:1', kafka: '127.0.0.1:1', postgres: 'postgres://x@127.0.0.1:1/x' }, ['one']), testContext({ cwd: folder.path }))).rejects.toMatchObject({ code: 'INFRA_UNAVAILABLE' });
    expect(await readdir(folder.path)).toEqual(['scenarios']);
  });

  it('P04 interrupted while the first run begins: 130, every scenario unknown, and the reports written', async () => {
    await using folder = await scenarioFolder(['one', 'two']);
    const interrupt = new AbortController();
    const stderr = { write: (line: string) => line.includes(' run ') && interrupt.abort(new Error('SIGINT')) };
    const context = testContext({ cwd: folder.path, stderr, signal: interrupt.signal, environment: { GITHUB_STEP_SUMMARY: join(folder.path, 'summary.md') } });
    expect(await run(commandInput({ json: true, parallel: '1', reporter: 'json,junit,markdown,github', out: 'out' }, ['one', 'two']), context)).toBe(130);
    const report = JSON.parse(context.out()) as ChaosReport;
    expect(report).toMatchObject({
      verdict: 'unknown',
      scenarios: [
        { name: 'one', seed: '1', verdict: 'unknown', problem: 'it was interrupted' },
        { name: 'two', seed: '1', verdict: 'unknown', problem: 'it was not begun', run_dir: '' },
      ],
    });
    expect((await readdir(join(folder.path, 'out'))).toSorted()).toEqual(['netra-chaos.json', 'netra-chaos.junit.xml', 'netra-chaos.md']);
    expect(JSON.parse(await readFile(join(folder.path, 'out', 'netra-chaos.json'), 'utf8'))).toEqual(report);
    expect(await readFile(join(folder.path, 'summary.md'), 'utf8')).toContain('# Chaos: ❔ unknown');
  });

  it('P04 a report folder that cannot be made is told before anything is run', async () => {
    await using folder = await scenarioFolder(['one'], { taken: 'a file' });
    await expect(run(commandInput({ out: 'taken/out' }, ['one']), testContext({ cwd: folder.path }))).rejects.toMatchObject({ code: 'WORKSPACE_UNWRITABLE' });
    expect(await readdir(folder.path)).not.toContain('.netra');
  });
});
