import { describe, expect, it } from 'vitest';
import { findScenarios, knownScenarios, readScenarios, withTags } from '../../../src/cli/chaos/find-scenarios.ts';
import { formatProblem, Problems } from '../../../src/core/problems.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { scenarioFolder, scenarioText } from './scenario-files.ts';

describe('finding scenarios', () => {
  it('P02 names are those of ./scenarios and of the bundled ones; the former go before the latter', async () => {
    await using own = await scenarioFolder(['mine', 'shared']);
    await using bundled = await tempFolder({ 'shared.yaml': '', 'theirs.yml': '', 'notes.txt': '' });
    const known = await knownScenarios(own.path, bundled.path);
    expect(known.map(({ name, shown }) => [name, shown])).toEqual([
      ['mine', 'scenarios/mine.yaml'],
      ['shared', 'scenarios/shared.yaml'],
      ['theirs', `${bundled.path}/theirs.yml`],
    ]);
  });

  it('P02 a scenario is found by name, by path and in a folder; each once, in the order of the words', async () => {
    await using folder = await scenarioFolder(['one', 'two'], { 'more/three.yaml': scenarioText('three'), 'more/four.yml': scenarioText('four') });
    const problems = new Problems();
    const found = await findScenarios(['two', './scenarios/one.yaml', 'more', 'scenarios/two.yaml'], folder.path, problems);
    expect(problems.list).toEqual([]);
    expect(found.map(({ name }) => name)).toEqual(['two', 'one', 'four', 'three']);
  });

  it('P02 what leads nowhere is told, all of it, with the nearest name', async () => {
    await using folder = await scenarioFolder(['redis-gone'], { 'empty/readme.md': '' });
    const problems = new Problems();
    await findScenarios(['redis-gnoe', './nowhere.yaml', 'empty'], folder.path, problems);
    expect(problems.list.map(formatProblem)).toEqual([
      expect.stringMatching(/^redis-gnoe: there is no such scenario; did you mean "redis-gone"\?/),
      expect.stringMatching(/^\.\/nowhere\.yaml: there is no such file; /),
      'empty: holds no scenario; name a folder with *.yaml files',
    ]);
  });

  it('P02 all problems of all files are told at once, with their places; those without are still read', async () => {
    await using folder = await scenarioFolder(['good'], {
      'scenarios/bad.yaml': scenarioText('bad').replace('down', 'dwon').replace('jobs', 'jbos'),
      'scenarios/binary.yaml': Buffer.from([0xff, 0xfe, 0x00]).toString('latin1'),
    });
    const problems = new Problems();
    const files = (await knownScenarios(folder.path, '/nowhere')).filter(({ name }) => name !== 'binary');
    const read = await readScenarios(files, problems);
    expect(read.map(({ name }) => name)).toEqual(['good']);
    expect(problems.list.map(formatProblem)).toEqual(expect.arrayContaining([expect.stringMatching(/^scenarios\/bad\.yaml:4:\d+: "jbos" means nothing here; did you mean "jobs"/), expect.stringMatching(/^scenarios\/bad\.yaml:6:\d+: there is no fault "dwon"; did you mean "down"/)]));
  });

  it('P02 a file that is no text is refused', async () => {
    await using folder = await tempFolder({ 'x.yaml': new Uint8Array([0xff, 0xfe, 0, 1]) });
    const problems = new Problems();
    expect(await readScenarios([{ name: 'x', path: `${folder.path}/x.yaml`, shown: 'x.yaml' }], problems)).toEqual([]);
    expect(problems.list.map(formatProblem)).toEqual(['x.yaml: is no text in UTF-8; name a scenario: a YAML file']);
  });

  it('P02 tags choose; a tag that none has is a problem', async () => {
    await using folder = await scenarioFolder(['redis-a', 'kafka-b', 'llm-c']);
    const problems = new Problems();
    const all = await readScenarios(await knownScenarios(folder.path, '/nowhere'), problems);
    expect(withTags(all, ['redis', 'llm'], problems).map(({ name }) => name)).toEqual(['llm-c', 'redis-a']);
    expect(withTags(all, [], problems)).toHaveLength(3);
    expect(problems.any).toBe(false);
    withTags(all, ['rdis'], problems);
    expect(problems.list.map(formatProblem)).toEqual([expect.stringMatching(/^--tag: no scenario has the tag "rdis"; did you mean "redis"/)]);
  });
});
