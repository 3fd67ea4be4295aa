import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import type { InfraOptions, InfraProvider, RunningInfra } from '../../infra/provider.ts';
import type { JournalEvent, VerdictStatus } from '../../journal/events.ts';
import type { JournalWriter } from '../../journal/writer.ts';
import { judgeAll, mergeVerdicts, type CheckResult } from '../checks/check.ts';
import { invariants } from '../checks/invariants/index.ts';
import { FleetDriver } from './fleet-driver.ts';
import type { HostCommand } from './host-process.ts';
import type { JobView } from './fleet-client.ts';
import { countReports } from './report-count.ts';
import { Workload, type JobSpec } from './workload.ts';

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
  readonly workload: { readonly jobs: readonly JobSpec[]; readonly concurrency: number; readonly jobTimeoutMs: number };
  readonly handleReport: (job: JobSpec, view: JobView) => Promise<ReportHandling>;
  readonly onHostLine?: (driver: FleetDriver, host: string, line: string) => void;
  readonly fleetReadyTimeoutMs: number;
  readonly shutdownGraceMs: { readonly normal: number; readonly interrupted: number };
  readonly signal: AbortSignal;
}

export interface EngineOutcome {
  readonly verdict: VerdictStatus;
  readonly checks: readonly CheckResult[];
  readonly interrupted: boolean;
}

/**
 * The only loop: provision → start the fleet → work → collect → check → tear down. What was started
 * is ended on every way out, and an interruption is a result, not an error. Throws what kept the run
 * from beginning: InfraUnavailable, or the reason why a host did not come up.
 */
export async function runEngine(options: EngineOptions): Promise<EngineOutcome> {
  const { journal, signal } = options;
  const events: JournalEvent[] = [];
  const unsubscribe = journal.onEvent((event) => events.push(event));
  let failure: unknown;
  try {
    await provisionAndWork(options);
  } catch (error) {
    failure = error;
  }
  const interrupted = signal.aborted;
  if (interrupted) journal.append({ type: 'run.interrupted', reason: asError(signal.reason).message });
  else if (failure !== undefined) {
    unsubscribe();
    journal.append({ type: 'run.finished', verdict: 'unknown', duration_ms: Math.round(journal.elapsedMs()) });
    throw failure;
  }
  const checks = judgeAll(invariants, events);
  for (const { check, status, detail } of checks) journal.append({ type: 'check.judged', check, status, detail });
  // What was cut short has shown nothing, neither that it holds nor that it does not.
  const verdict = interrupted ? 'unknown' : mergeVerdicts(checks.map((check) => check.status));
  journal.append({ type: 'run.finished', verdict, duration_ms: Math.round(journal.elapsedMs()) });
  unsubscribe();
  return { verdict, checks, interrupted };
}

async function provisionAndWork(options: EngineOptions): Promise<void> {
  const { journal, clock, signal, runId } = options;
  const infra = await options.provider.start({
    ...options.infra,
    runId,
    clock,
    signal,
    onEvent: (event) =>
      journal.append(
        event.type === 'infra.service_ready'
          ? { type: event.type, service: event.service, address: `${event.endpoint.host}:${event.endpoint.port}`, started_in_ms: Math.round(event.startedInMs) }
          : { type: event.type, service: event.service, message: event.message },
      ),
  });
  try {
    infra.onUnexpectedExit(({ services, pid, exitCode, signal: by }) => journal.append({ type: 'infra.exited', services, pid, exit_code: exitCode, signal: by }));
    journal.append({ type: 'infra.ready', duration_ms: Math.round(journal.elapsedMs()) });
    await work(options, infra);
  } finally {
    await infra.stop();
  }
}

async function work(options: EngineOptions, infra: RunningInfra): Promise<void> {
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
  try {
    await driver.start(AbortSignal.any([signal, late.signal]));
    cancelTimer();
    await workload.run(signal);
    const counts = await countReports(infra, runId, signal);
    for (const [jobId, reports] of counts) journal.append({ type: 'report.counted', job_id: jobId, reports });
  } finally {
    cancelTimer();
    await driver.stop(options.shutdownGraceMs.normal, { signal, graceMs: options.shutdownGraceMs.interrupted });
  }
}
