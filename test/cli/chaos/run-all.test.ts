import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { worstExitCode } from '../../../src/cli/chaos/exit-code.ts';
import { runAll } from '../../../src/cli/chaos/run-all.ts';
import { scenarioText } from './scenario-files.ts';
import { loadScenario } from '../../../src/chaos/scenario/load-scenario.ts';
import type { Scenario } from '../../../src/chaos/scenario/scenario.ts';
import { describeFailure } from '../../../src/cli/failure.ts';
import { Problems } from '../../../src/core/problems.ts';
import type { Dataset } from '../../../src/fleet/data/dataset.ts';
import { InfraUnavailable } from '../../../src/infra/error-codes.ts';
import type { InfraProvider } from '../../../src/infra/provider.ts';
import type { ScenarioReport } from '../../../src/reporters/chaos-report.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { testContext } from '../helpers.ts';

const dataset: Dataset = { tables: new Map(), report: [], version: 'none', missingTables: [], missingColumns: [] };
const load = (name: string): Scenario => loadScenario(`${name}.yaml`, scenarioText(name), new Problems()) as Scenario;

/** Services that never start: it is told so once as many as `together` have been asked for at the same time. */
function absent(together = 1): { provider: InfraProvider; seeds: string[]; most: () => number } {
  let under = 0;
  let most = 0;
  const seeds: string[] = [];
  const all = Promise.withResolvers<void>();
  const start: InfraProvider['start'] = async ({ seed }) => {
    seeds.push(seed);
    most = Math.max(most, ++under);
    if (under === together) all.resolve();
    await all.promise;
    under -= 1;
    throw new InfraUnavailable('no services here');
  };
  return { provider: { name: 'embedded', start }, seeds, most: () => most };
}

describe('many runs', () => {
  it('P02 every scenario, every time and its control have a run folder of their own; reports are in the order of the scenarios', async () => {
    await using folder = await tempFolder();
    const { provider, seeds, most } = absent(3);
    const told: ScenarioReport[] = [];
    const labels = new Set<string>();
    const { reports, errors } = await runAll(
      { scenarios: [load('one'), load('two')], repeat: 2, seed: '9', control: true, parallel: 3, provider, dataset, onEvent: (label) => labels.add(label), onReport: (report) => told.push(report) },
      testContext({ cwd: folder.path }),
    );
    expect(reports.map(({ name }) => name)).toEqual(['one', 'two', 'one', 'two']);
    expect(told).toHaveLength(4);
    expect(errors).toHaveLength(8);
    expect(seeds).toEqual(Array.from({ length: 8 }, () => '9'));
    expect(most()).toBe(3);
    expect([...labels].toSorted()).toEqual(['one 1', 'one 1 control', 'one 2', 'one 2 control', 'two 1', 'two 1 control', 'two 2', 'two 2 control']);
    const folders = reports.flatMap(({ run_dir, control }) => [run_dir, control?.run_dir ?? '']);
    expect(new Set(folders).size).toBe(8);
    for (const dir of folders) for (const file of ['journal.ndjson', 'summary.json', 'logs', 'reports']) expect(existsSync(join(folder.path, dir, file))).toBe(true);
  });

  it('P02 what kept a run from beginning is in its report, which is unknown, and in its exit code', async () => {
    await using folder = await tempFolder();
    const { reports, errors } = await runAll(
      { scenarios: [load('one')], repeat: 1, seed: undefined, control: false, parallel: 1, provider: absent().provider, dataset, onEvent: () => undefined, onReport: () => undefined },
      testContext({ cwd: folder.path }),
    );
    expect(reports[0]).toMatchObject({ name: 'one', seed: '1', verdict: 'unknown', checks: [], problem: 'no services here', provider: 'embedded' });
    expect(reports[0]?.faults).toMatchObject([{ id: 'down-redis-1', injected: 0 }]);
    expect(errors.map((error) => describeFailure(error, { signal: new AbortController().signal, brokenOutput: undefined }).exitCode)).toEqual([69]);
  });

  it('P02 one that cannot begin does not keep the others from it', async () => {
    await using folder = await tempFolder();
    const started: string[] = [];
    const { reports } = await runAll(
      { scenarios: ['a', 'b', 'c'].map(load), repeat: 1, seed: undefined, control: false, parallel: 1, provider: absent().provider, dataset, onEvent: (label, { type }) => type === 'run.started' && started.push(label), onReport: () => undefined },
      testContext({ cwd: folder.path }),
    );
    expect(started).toEqual(['a', 'b', 'c']);
    expect(reports).toHaveLength(3);
  });
});

describe('the exit code of many runs', () => {
  it.each([
    ['pass', [], 0],
    ['unknown', [], 2],
    ['fail', [], 1],
    ['unknown', [69], 69],
    ['fail', [69], 1],
    ['fail', [70, 69], 70],
    ['fail', [70, 130], 130],
    ['pass', [130], 130],
  ] as const)('P04 verdict %s and ends %j make %i', (verdict, ends, code) => {
    expect(worstExitCode(verdict, ends)).toBe(code);
  });
});
