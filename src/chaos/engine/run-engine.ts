import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import type { InfraOptions, InfraProvider, RunningInfra } from '../../infra/provider.ts';
import type { JournalEvent, VerdictStatus } from '../../journal/events.ts';
import type { JournalWriter } from '../../journal/writer.ts';
import { judgeAll, mergeVerdicts, type CheckResult } from '../checks/check.ts';
import { plainInvariants } from '../checks/invariants/index.ts';
import { FleetDriver } from './fleet-driver.ts';
import type { HostCommand } from './host-process.ts';
import type { JobView } from './fleet-client.ts';
import { countReports } from './report-count.ts';
import { ActiveFaults } from './active-faults.ts';
import { Experiment, type ExperimentPlan } from './experiment.ts';
import { FaultBench } from './fault-bench.ts';
import { exitFact, infraFact } from './infra-events.ts';
import { UserFaults, type RunControls } from './live-faults.ts';
import { checkSettled } from './steady-state.ts';
import { Workload, type JobSpec } from './workload.ts';

/** In which the fleet has to be whole again after faults that were injected by hand into a plain run. */
const settleWithinMs = 30_000;

/** What the lab makes of a finished job: files for the reader, and the numbers looked up. */
export interface ReportHandling {
  readonly sections: readonly string[];
  readonly reportPath: string;
  readonly numbers: number;
  readonly ungrounded: readonly string[];
}

export interface EngineOptions {
  readonly runId: string;
  readonly clock: Clock;
  readonly journal: JournalWriter;
  readonly provider: InfraProvider;
  readonly infra: Omit<InfraOptions, 'clock' | 'signal' | 'onEvent' | 'runId'>;
  /** Hosts to start, once it is known where the services are. */
  readonly hosts: (infra: RunningInfra, token: string) => readonly HostCommand[];
  /** Host that takes jobs. */
  readonly supervisorHost: string;
  readonly token: string;
  readonly workload: { readonly jobs: readonly JobSpec[]; readonly concurrency: number; readonly everyMs?: number; readonly jobTimeoutMs: number };
  /** Where the list goes of what is left to be undone; made when there is something to undo. */
  readonly folder: string;
  /** Gets what steers the run by hand, once the fleet is being started. @default nobody does */
  readonly onControls?: (controls: RunControls) => void;
  /** Why a service must not be broken by hand; undefined where it may be. @default all of them may */
  readonly whyNotBreak?: (service: string, infra: RunningInfra) => Promise<string | undefined>;
  /** Faults and what surrounds them; without it the jobs are done and nothing is broken. */
  readonly experiment?: ExperimentPlan;
  /** Appends to the journal what only services know; called while hosts are there and done, and again once they have ended. */
  readonly collectEvidence?: (context: EvidenceContext) => Promise<void>;
  /** Pure: the same for a journal that is read from a file. @default the checks of a plain run */
  readonly judge?: (events: readonly JournalEvent[]) => readonly CheckResult[];
  readonly handleReport: (job: JobSpec, view: JobView) => Promise<ReportHandling>;
  readonly onHostLine?: (driver: FleetDriver, host: string, line: string) => void;
  readonly fleetReadyTimeoutMs: number;
  readonly shutdownGraceMs: { readonly normal: number; readonly interrupted: number };
  readonly signal: AbortSignal;
}

/** What evidence is collected from. */
export interface EvidenceContext {
  readonly runId: string;
  readonly infra: RunningInfra;
  readonly journal: JournalWriter;
  readonly clock: Clock;
  readonly events: () => readonly JournalEvent[];
  /** `running`: hosts are there and done with their work. `stopped`: they have ended, services are still there. */
  readonly fleet: 'running' | 'stopped';
  readonly signal: AbortSignal;
}

export interface EngineOutcome {
  readonly verdict: VerdictStatus;
  readonly checks: readonly CheckResult[];
  readonly interrupted: boolean;
}

/**
 * The only loop: provision → start the fleet → steady state → work, and break things → heal → steady state →
 * collect → check → tear down; a plain run breaks only what is broken by hand. What was started
 * is ended on every way out, and an interruption is a result, not an error. Throws what kept the run
 * from beginning: InfraUnavailable, or the reason why a host did not come up.
 */
export async function runEngine(options: EngineOptions): Promise<EngineOutcome> {
  const { journal, signal } = options;
  const events: JournalEvent[] = [];
  const unsubscribe = journal.onEvent((event) => events.push(event));
  let failure: unknown;
  try {
    await provisionAndWork(options, events);
  } catch (error) {
    failure = error;
  }
  const interrupted = signal.aborted;
  if (interrupted) journal.append({ type: 'run.interrupted', reason: asError(signal.reason).message });
  else if (failure !== undefined) {
    unsubscribe();
    journal.append({ type: 'run.finished', verdict: 'unknown', duration_ms: Math.round(journal.elapsedMs()) });
    throw asError(failure);
  }
  const checks = options.judge?.(events) ?? judgeAll(plainInvariants, events);
  for (const { check, status, detail } of checks) journal.append({ type: 'check.judged', check, status, detail });
  // What was cut short has shown nothing, neither that it holds nor that it does not.
  const verdict = interrupted ? 'unknown' : mergeVerdicts(checks.map((check) => check.status));
  journal.append({ type: 'run.finished', verdict, duration_ms: Math.round(journal.elapsedMs()) });
  unsubscribe();
  return { verdict, checks, interrupted };
}

async function provisionAndWork(options: EngineOptions, events: readonly JournalEvent[]): Promise<void> {
  const { journal, clock, signal, runId } = options;
  const infra = await options.provider.start({
    ...options.infra,
    runId,
    clock,
    signal,
    onEvent: (event) => journal.append(infraFact(event)),
  });
  try {
    infra.onUnexpectedExit((exit) => journal.append(exitFact(exit)));
    journal.append({ type: 'infra.ready', duration_ms: Math.round(journal.elapsedMs()) });
    await work(options, infra, events);
  } finally {
    await infra.stop();
  }
}

async function work(options: EngineOptions, infra: RunningInfra, events: readonly JournalEvent[]): Promise<void> {
  const { journal, clock, signal, runId, token } = options;
  const driver: FleetDriver = new FleetDriver({
    hosts: options.hosts(infra, token),
    token,
    journal,
    clock,
    onEvent: (event) => workload.onEvent(event),
    onLine: (host, line) => options.onHostLine?.(driver, host, line),
  });
  const workload = new Workload({
    runId,
    ...options.workload,
    client: driver.client,
    supervisorUrl: () => driver.url(options.supervisorHost),
    journal,
    clock,
    onReport: async (job, view) => {
      const handled = await options.handleReport(job, view);
      journal.append({ type: 'report.grounded', job: job.name, job_id: view.run_id, numbers: handled.numbers, ungrounded: handled.ungrounded });
      return handled;
    },
  });
  const late = new AbortController();
  const cancelTimer = clock.setTimer(options.fleetReadyTimeoutMs, () => late.abort(new Error(`the fleet was not ready within ${options.fleetReadyTimeoutMs / 1_000} s; its logs are in the run folder`)));
  const collect = async (fleet: EvidenceContext['fleet']): Promise<void> => options.collectEvidence?.({ runId, infra, journal, clock, events: () => events, fleet, signal });
  const { jobs } = options.workload;
  const faults = new ActiveFaults({ clock, append: (fact) => journal.append(fact), signal });
  const bench = new FaultBench({ runId, infra, driver, clock, jobs, events, folder: options.folder });
  const userFaults = new UserFaults({
    faults,
    bench,
    clock,
    append: (fact) => journal.append(fact),
    seed: options.infra.seed,
    hosts: () => driver.hosts(),
    ...(options.whyNotBreak === undefined ? {} : { whyNotBreak: (service) => (options.whyNotBreak as NonNullable<typeof options.whyNotBreak>)(service, infra) }),
  });
  using experiment = options.experiment === undefined ? undefined : new Experiment({ ...options.experiment, runId, bench, faults, driver, journal, clock, jobs, supervisorHost: options.supervisorHost, signal });
  try {
    options.onControls?.({ faults: userFaults, finish: () => workload.finish() });
    await experiment?.precedeFleet();
    await driver.start(AbortSignal.any([signal, late.signal]));
    cancelTimer();
    userFaults.open();
    if (experiment === undefined) {
      await workload.run(signal);
      await faults.end('end');
      // What was written without the database is not there before the fleet is whole again.
      if (userFaults.count > 0) journal.append(await checkSettled({ driver, withinMs: settleWithinMs, clock, signal }));
    } else await experiment.run((until) => workload.run(until));
    await journalCounts(options, infra);
    await collect('running');
  } finally {
    cancelTimer();
    await experiment?.heal();
    await faults.end('interrupted');
    await driver.stop(options.shutdownGraceMs.normal, { signal, graceMs: options.shutdownGraceMs.interrupted });
  }
  await collect('stopped');
}

/** Where the reports cannot be counted, one-report-per-job has nothing to judge, and everything else is judged all the same. */
async function journalCounts({ journal, signal, runId }: EngineOptions, infra: RunningInfra): Promise<void> {
  try {
    for (const [jobId, reports] of await countReports(infra, runId, signal)) journal.append({ type: 'report.counted', job_id: jobId, reports });
  } catch (error) {
    if (signal.aborted) throw error;
    journal.append({ type: 'infra.warning', service: 'postgres', message: `the reports could not be counted: ${asError(error).message}` });
  }
}
