import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadScenario } from '../../src/chaos/scenario/load-scenario.ts';
import type { Scenario } from '../../src/chaos/scenario/scenario.ts';
import { runOne, type FinishedRun } from '../../src/cli/chaos/run-one.ts';
import { systemClock } from '../../src/core/clock.ts';
import { formatProblem, Problems } from '../../src/core/problems.ts';
import { readDataset } from '../../src/fleet/data/read-dataset.ts';
import { embedded } from '../../src/infra/providers/embedded.ts';

const folder = fileURLToPath(new URL('../../scenarios', import.meta.url));
const businessData = fileURLToPath(new URL('../../fixtures/business', import.meta.url));
/** The compiled program, as users run it. */
const hostEntry = fileURLToPath(new URL('../../dist/fleet/host/main.js', import.meta.url));

export const bundledNames: readonly string[] = readdirSync(folder).filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length)).toSorted();

export function bundledScenario(name: string): Scenario {
  const problems = new Problems();
  const path = join(folder, `${name}.yaml`);
  const scenario = loadScenario(path, readFileSync(path, 'utf8'), problems);
  if (scenario === undefined) throw new Error(problems.list.map(formatProblem).join('\n'));
  return scenario;
}

/** Runs it as `chaos` does, in a folder of its own that is removed afterwards. */
export async function runBundled(scenario: Scenario, options: { readonly control: boolean; readonly signal: AbortSignal }): Promise<FinishedRun> {
  const cwd = await mkdtemp(join(tmpdir(), 'netra-chaos-'));
  const dataset = await readDataset(businessData, new Problems(), options.signal);
  if (dataset === undefined) throw new Error(`${businessData} cannot be read`);
  const silent = { write: () => undefined };
  try {
    return await runOne(
      { scenario, seed: scenario.seed, control: options.control, provider: embedded, dataset, onEvent: () => undefined, hostEntry },
      { cwd, environment: process.env, stdout: silent, stderr: silent, clock: systemClock, signal: options.signal, version: 'test', colour: false, columns: undefined },
    );
  } finally {
    await rm(cwd, { recursive: true, force: true, maxRetries: 5 });
  }
}
