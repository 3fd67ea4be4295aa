import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judgeAll } from '../../src/chaos/checks/check.ts';
import { noJobLost } from '../../src/chaos/checks/invariants/no-job-lost.ts';
import { oneReportPerJob } from '../../src/chaos/checks/invariants/one-report-per-job.ts';
import { resultContract } from '../../src/chaos/checks/invariants/result-contract.ts';
import { runScenario } from '../../src/chaos/engine/run-scenario.ts';
import type { ScenarioOutcome, ScenarioRunOptions } from '../../src/chaos/engine/scenario-run.ts';
import { loadScenario } from '../../src/chaos/scenario/load-scenario.ts';
import type { Scenario } from '../../src/chaos/scenario/scenario.ts';
import { fleetCommands, newToken, supervisorHost } from '../../src/cli/run/host-commands.ts';
import { seededJobs } from '../../src/cli/run/job-list.ts';
import { systemClock } from '../../src/core/clock.ts';
import { formatProblem, Problems } from '../../src/core/problems.ts';
import { cacheFolder } from '../../src/infra/cache-folder.ts';
import { embedded } from '../../src/infra/providers/embedded.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import { temporaryFolder } from './cli.ts';

/** A scenario from YAML without `name` and `description`. */
export function scenarioOf(yaml: string): Scenario {
  const problems = new Problems();
  const scenario = loadScenario('test.yaml', `name: test\ndescription: For a test.\n${yaml}`, problems);
  if (scenario === undefined) throw new Error(problems.list.map(formatProblem).join('\n'));
  return scenario;
}

export interface ScenarioTest {
  readonly seed?: string;
  readonly control?: boolean;
  readonly signal?: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: JournalEvent) => void;
  readonly collectEvidence?: ScenarioRunOptions['collectEvidence'];
  readonly onControls?: ScenarioRunOptions['onControls'];
  /** Run folder, empty; it stays. @default one that is removed afterwards */
  readonly folder?: string;
}

/** Runs it on real embedded services and real host processes; the run folder is removed afterwards. */
export async function runTestScenario(scenario: Scenario, test: ScenarioTest = {}): Promise<ScenarioOutcome> {
  await using temporary = test.folder === undefined ? await temporaryFolder() : undefined;
  const path = test.folder ?? temporary?.path ?? '';
  const folder = { path, shown: path, reports: join(path, 'reports'), logs: join(path, 'logs'), state: join(path, 'state'), journal: join(path, 'journal.ndjson'), summary: join(path, 'summary.json') };
  for (const each of [folder.reports, folder.logs, folder.state]) await mkdir(each);
  const runId = 'scenario';
  using journal = new JournalWriter(folder.journal, runId, systemClock);
  if (test.onEvent !== undefined) journal.onEvent(test.onEvent);
  const seed = test.seed ?? scenario.seed;
  const control = test.control ?? false;
  return await runScenario({
    scenario,
    seed,
    control,
    runId,
    clock: systemClock,
    journal,
    folder,
    provider: embedded,
    cacheDir: cacheFolder(process.env),
    jobs: seededJobs(scenario.workload.jobs, seed, scenario.workload.question, { from: '2025-01-01', to: '2025-12-31' }),
    hosts: (infra, token) =>
      fleetCommands(
        {
          runId,
          seed,
          reportingHosts: scenario.fleet.reportingHosts,
          concurrency: scenario.workload.concurrency,
          dataDir: undefined,
          control,
          // The compiled program, as users run it.
          hostEntry: fileURLToPath(new URL('../../dist/fleet/host/main.js', import.meta.url)),
          folder,
          environment: { ...process.env, ...test.environment },
        },
        infra,
        token,
      ),
    supervisorHost,
    token: newToken(),
    handleReport: async (_job, view) => ({ sections: Object.keys((view.result?.report as object | undefined) ?? {}), reportPath: '', numbers: 1, ungrounded: [] }),
    collectEvidence: test.collectEvidence ?? (async () => undefined),
    ...(test.onControls === undefined ? {} : { onControls: test.onControls }),
    judge: (events) => judgeAll([noJobLost, oneReportPerJob, resultContract], events),
    signal: test.signal ?? new AbortController().signal,
  });
}
