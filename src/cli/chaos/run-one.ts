import type { RunControls } from '../../chaos/engine/live-faults.ts';
import { runScenario } from '../../chaos/engine/run-scenario.ts';
import type { ScenarioOutcome } from '../../chaos/engine/scenario-run.ts';
import { judgeScenario } from '../../chaos/checks/judge-scenario.ts';
import { collectEvidence } from '../../chaos/evidence/index.ts';
import type { Scenario } from '../../chaos/scenario/scenario.ts';
import { newRunId } from '../../core/ids.ts';
import { Problems } from '../../core/problems.ts';
import type { Dataset } from '../../fleet/data/dataset.ts';
import { cacheFolder } from '../../infra/cache-folder.ts';
import type { InfraProvider, LlmOptions } from '../../infra/provider.ts';
import type { JournalEvent } from '../../journal/events.ts';
import { applyEvent, newRunState } from '../../journal/run-state.ts';
import type { CommandContext } from '../context.ts';
import { choosePeriod } from '../run/default-period.ts';
import type { FleetContainers } from '../run/fleet-containers.ts';
import { fleetCommands, newToken, supervisorHost } from '../run/host-commands.ts';
import { seededJobs } from '../run/job-list.ts';
import { explainFailure, openJournal, provenance } from '../run/journaled-run.ts';
import { killHostsAtExit } from '../run/orphans.ts';
import { handleReport } from '../run/report-files.ts';
import { makeRunFolder, planRunFolder, unwritable, writeSummary } from '../run/run-folder.ts';
import { summarize } from '../run/summary.ts';

export interface OneRun {
  readonly scenario: Scenario;
  readonly seed: string;
  /** Resilience is switched off. */
  readonly control: boolean;
  readonly provider: InfraProvider;
  /** Hosts are containers. @default processes */
  readonly containers?: FleetContainers | undefined;
  /** A model of the user's own. @default the built-in one */
  readonly llm?: Pick<LlmOptions, 'url' | 'model' | 'apiKey'>;
  readonly dataset: Dataset;
  readonly onEvent: (event: JournalEvent) => void;
  /** Gets what steers the run by hand, once its fleet is being started. @default nobody does */
  readonly onControls?: (controls: RunControls) => void;
  /** Entry of a host process. @default this program's own */
  readonly hostEntry?: string;
}

export interface FinishedRun {
  readonly events: readonly JournalEvent[];
  /** As shown: relative to the current folder. */
  readonly runDir: string;
  /** undefined where the run could not begin or be carried on. */
  readonly outcome?: ScenarioOutcome;
  readonly error?: Error;
}

/** A run folder of its own below `.netra/runs`, and the scenario run in it; the folder is as `run` leaves it. Throws only where no folder can be made. */
export async function runOne(run: OneRun, context: CommandContext): Promise<FinishedRun> {
  const { scenario, seed, control, dataset } = run;
  const runId = newRunId(context.clock);
  const folder = await planRunFolder(context.cwd, undefined, runId, new Problems());
  const jobs = seededJobs(scenario.workload.jobs, seed, scenario.workload.question, choosePeriod(dataset, undefined, undefined, new Problems()));
  await makeRunFolder(folder);
  using journal = openJournal(folder, runId, context);
  using orphans = killHostsAtExit();
  const diskTrouble = new AbortController();
  journal.onFailure((error) => diskTrouble.abort(unwritable(folder.shown, error)));
  const events: JournalEvent[] = [];
  const state = newRunState();
  journal.onEvent((event) => {
    orphans.watch(event);
    events.push(event);
    applyEvent(state, event);
    run.onEvent(event);
  });
  journal.append({ type: 'run.started', command: 'chaos', seed, provider: run.provider.name, control, ...provenance(context, dataset.version), jobs: jobs.length });
  // Whatever happens from here on, even kill -9, there is a summary that says what it can.
  await writeSummary(folder, summarize(state, [], dataset.report, folder.shown, 'the run was not finished'));
  let outcome: ScenarioOutcome | undefined;
  let error: Error | undefined;
  try {
    outcome = await runScenario({
      scenario,
      seed,
      control,
      runId,
      clock: context.clock,
      journal,
      folder,
      provider: run.provider,
      ...(run.llm === undefined ? {} : { llm: run.llm }),
      cacheDir: cacheFolder(context.environment),
      jobs,
      hosts: (infra, token) =>
        fleetCommands(
          {
            runId,
            seed,
            reportingHosts: scenario.fleet.reportingHosts,
            concurrency: scenario.workload.concurrency,
            dataDir: undefined,
            control,
            containers: run.containers,
            folder,
            environment: context.environment,
            ...(run.hostEntry === undefined ? {} : { hostEntry: run.hostEntry }),
          },
          infra,
          token,
        ),
      supervisorHost,
      token: newToken(),
      handleReport: (job, view) => handleReport(job, view, folder),
      collectEvidence,
      judge: judgeScenario,
      ...(run.onControls === undefined ? {} : { onControls: run.onControls }),
      signal: AbortSignal.any([context.signal, diskTrouble.signal]),
    });
    diskTrouble.signal.throwIfAborted();
  } catch (thrown) {
    error = explainFailure(thrown, folder);
    outcome = undefined;
  }
  const problem = error?.message ?? (outcome?.interrupted === true ? 'it was interrupted' : undefined);
  await writeSummary(folder, summarize(state, outcome?.checks ?? [], dataset.report, folder.shown, problem)).catch((thrown: unknown) => {
    error ??= explainFailure(thrown, folder);
  });
  return { events, runDir: folder.shown, ...(outcome === undefined ? {} : { outcome }), ...(error === undefined ? {} : { error }) };
}
