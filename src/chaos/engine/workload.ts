import type { Clock } from '../../core/clock.ts';
import type { FleetEvent } from '../../journal/fleet-events.ts';
import type { JournalWriter } from '../../journal/writer.ts';
import { FleetCallError, type FleetClient, type JobView } from './fleet-client.ts';

/** One job to be given to the fleet. `name` is unique in the run and names the report's files. */
export interface JobSpec {
  readonly name: string;
  readonly userId: string;
  readonly question: string;
  readonly period: { readonly from: string; readonly to: string };
}

export interface WorkloadOptions {
  readonly runId: string;
  readonly jobs: readonly JobSpec[];
  /** Jobs accepted and not yet reported at any moment. */
  readonly concurrency: number;
  /** From one job's submission to the next, as far as the concurrency allows. @default 0 */
  readonly everyMs?: number;
  /** A job without a report after this is overdue. */
  readonly jobTimeoutMs: number;
  readonly client: FleetClient;
  /** Where the supervisor is now; undefined while it is being started again. */
  readonly supervisorUrl: () => string | undefined;
  readonly journal: JournalWriter;
  readonly clock: Clock;
  /** Called with each finished job; what it returns goes into the journal with it. */
  readonly onReport: (job: JobSpec, view: JobView) => Promise<{ readonly sections: readonly string[]; readonly reportPath: string }>;
}

/** How often a job is asked for whose host has said nothing: events make it quicker, not surer. */
const pollMs = 1_000;
/** How long a job is offered to a supervisor that cannot be reached: offering the same run id again is safe (fleet protocol). */
const submitPatienceMs = 15_000;
const submitAgainMs = 250;

/** Gives the jobs to the fleet, until they are all given or it is to finish, and follows each until its report is there, it is refused, or time is up. */
export class Workload {
  readonly #options: WorkloadOptions;
  readonly #wake = new Map<string, () => void>();
  readonly #finished = new AbortController();

  constructor(options: WorkloadOptions) {
    this.#options = options;
  }

  /** A host's event that may mean that a job is done. */
  onEvent(event: FleetEvent): void {
    if (event.type === 'agent_completed' && event.job_id !== undefined) this.#wake.get(event.job_id)?.();
  }

  /** No further job is given out; those under way are followed to their end. */
  finish(): void {
    this.#finished.abort(new Error('no further job is given out'));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { everyMs = 0, clock } = this.#options;
    const queue = this.#options.jobs.entries();
    const begunAtMs = clock.monotonicMs();
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const finished = this.#finished.signal;
    // Workers share one iterator: each takes the next job when it is free. One that fails takes the others along, so that none is left behind.
    const worker = async (): Promise<void> => {
      try {
        for (const [index, job] of queue) {
          const dueInMs = begunAtMs + index * everyMs - clock.monotonicMs();
          if (dueInMs > 0 && !finished.aborted) {
            await clock.sleep(dueInMs, AbortSignal.any([either, finished])).catch((error: unknown) => {
              if (either.aborted || !finished.aborted) throw error;
            });
          }
          if (finished.aborted) return;
          await this.#follow(job, either);
        }
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    };
    const workers = Array.from({ length: Math.min(this.#options.concurrency, this.#options.jobs.length) }, worker);
    await Promise.allSettled(workers);
    signal.throwIfAborted();
    failed.signal.throwIfAborted();
  }

  async #follow(job: JobSpec, signal: AbortSignal): Promise<void> {
    const { journal, clock, runId, jobTimeoutMs } = this.#options;
    const jobId = `${runId}-${job.name}`;
    const startedAtMs = clock.monotonicMs();
    const ids = { job: job.name, job_id: jobId };
    journal.append({ type: 'job.submitted', ...ids, user_id: job.userId, question: job.question });
    try {
      const accepted = await this.#submit(jobId, job, signal);
      journal.append({ type: 'job.accepted', ...ids, correlation_id: accepted.correlation_id });
    } catch (error) {
      if (!(error instanceof FleetCallError)) throw error;
      journal.append({ type: 'job.refused', ...ids, code: error.code, message: error.message });
      return;
    }
    const view = await this.#completion(jobId, startedAtMs + jobTimeoutMs, signal);
    const durationMs = Math.round(clock.monotonicMs() - startedAtMs);
    if (view?.result === undefined) {
      journal.append({ type: 'job.overdue', ...ids, waited_ms: durationMs });
      return;
    }
    const { sections, reportPath } = await this.#options.onReport(job, view);
    const { report: _report, ...result } = view.result;
    journal.append({ type: 'job.reported', ...ids, user_id: job.userId, duration_ms: durationMs, result: { ...result, report: typeof _report }, sections, report_path: reportPath });
  }

  /** A supervisor that cannot be reached is asked again for a while, one that refuses is not. */
  async #submit(jobId: string, job: JobSpec, signal: AbortSignal): Promise<{ correlation_id: string }> {
    const { clock, client, supervisorUrl, jobTimeoutMs } = this.#options;
    const untilMs = clock.monotonicMs() + Math.min(submitPatienceMs, jobTimeoutMs);
    for (;;) {
      try {
        const url = supervisorUrl();
        if (url === undefined) throw new FleetCallError('HOST_UNREACHABLE', 'the supervisor is not there');
        return await client.submit(url, { run_id: jobId, user_id: job.userId, question: job.question, period: job.period }, signal);
      } catch (error) {
        if (!(error instanceof FleetCallError) || error.code !== 'HOST_UNREACHABLE' || clock.monotonicMs() >= untilMs) throw error;
        await clock.sleep(submitAgainMs, signal);
      }
    }
  }

  /** The finished job, or undefined when time is up. A supervisor that does not answer is asked again. */
  async #completion(jobId: string, untilMs: number, signal: AbortSignal): Promise<JobView | undefined> {
    const { clock, client, supervisorUrl } = this.#options;
    try {
      for (;;) {
        const woken = Promise.withResolvers<void>();
        this.#wake.set(jobId, woken.resolve);
        const url = supervisorUrl();
        const view = url === undefined ? undefined : await client.job(url, jobId, signal).catch((error: unknown) => (error instanceof FleetCallError ? undefined : Promise.reject(error)));
        if (view?.status === 'completed') return view;
        const leftMs = untilMs - clock.monotonicMs();
        if (leftMs <= 0) return undefined;
        const waiting = new AbortController();
        const either = AbortSignal.any([signal, waiting.signal]);
        await Promise.race([woken.promise, clock.sleep(Math.min(pollMs, leftMs), either)]).finally(() => waiting.abort(new Error('woken')));
        signal.throwIfAborted();
      }
    } finally {
      this.#wake.delete(jobId);
    }
  }
}
