import { asError } from '../../../core/errors.ts';
import { deadlineFromWall, DEADLINE_HEADER, type Deadline } from '../../../core/deadline.ts';
import type { Subscription } from '../../connectors/bus/message-bus.ts';
import type { CallOptions } from '../../connectors/call.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import { jobTopics, reportOutcomeSchema, reportRequestSchema, type ReportOutcome, type ReportRequest, type ReportWork } from '../../jobs/messages.ts';
import { MissingDataError, TransientError } from '../../reporting/error-codes.ts';
import { backoffDelayMs } from '../../../reliability/index.ts';
import type { AgentServices } from '../services.ts';
import type { CollectedData } from './data.ts';
import { OpenJobs } from './open-jobs.ts';
import type { TriageAnswer } from './triage.ts';

/** Attempts after transient failures before a job is degraded. */
const transientAttempts = 4;
/** A job without a sign of life for this long is dispatched again; every step of it can be repeated. */
const staleAfterMs = 45_000;
/** The same while Kafka is gone: what was under way over it may never arrive. */
const staleWithoutKafkaMs = 5_000;
const sweepEveryMs = 2_000;
/** Jobs that one sweep takes up again; the rest waits for the next one. */
const sweepLimit = 200;
/** Jobs prepared at once where Kafka does not bound it. */
const directConcurrency = 8;

/** What a failed attempt was about. */
export interface FailureContext {
  readonly request: ReportRequest;
  readonly work: ReportWork;
  readonly deadline?: Deadline;
}

/** Hands a job with its data to a reporting host without Kafka. */
export type DirectGenerate = (work: ReportWork, call: CallOptions & { readonly correlationId: string }) => Promise<ReportOutcome>;

/**
 * Leads every accepted job to its report: triage, data, a reporting host, and what to do about a
 * failure (D07). Over Kafka while it is there, by direct calls otherwise. Keeps nothing that the
 * database does not hold: after a crash the sweep takes up what has no report yet.
 */
export class WorkflowOrchestrator {
  readonly #services: AgentServices;
  readonly #jobs: JobStore;
  readonly #direct: DirectGenerate;
  readonly #open: OpenJobs;
  readonly #stopping = new AbortController();
  #cancelSweep: () => void = () => undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(services: AgentServices, jobs: JobStore, direct: DirectGenerate) {
    this.#services = services;
    this.#jobs = jobs;
    this.#direct = direct;
    this.#open = new OpenJobs(services.clock);
  }

  get openJobs(): number {
    return this.#open.size;
  }

  async subscribe(): Promise<Subscription[]> {
    const { bus } = this.#services;
    return Promise.all([
      bus.subscribe({ topic: jobTopics.requests, group: 'orchestrator', concurrency: 8, handle: (message, { signal }) => this.#process(reportRequestSchema.parse(message.value), signal) }),
      bus.subscribe({
        topic: jobTopics.results,
        group: 'orchestrator-results',
        concurrency: 4,
        handle: (message, { signal }) => this.#settle(reportOutcomeSchema.parse(message.value), signal),
      }),
    ]);
  }

  start(): void {
    this.#armSweep(0);
  }

  async stop(): Promise<void> {
    this.#cancelSweep();
    this.#stopping.abort(new Error('orchestrator is shutting down'));
    await this.#sweeping;
  }

  /** Sends an accepted job on its way. Never rejects: what fails here is taken up by the sweep. */
  async submit(request: ReportRequest): Promise<void> {
    const { bus, logger } = this.#services;
    this.#open.touch(request.run_id);
    try {
      if (bus.state.up) await this.#publishRequest(request);
      else this.#open.abandon(request.run_id);
    } catch (error) {
      this.#open.abandon(request.run_id);
      logger.warn('job is durable but could not be sent on its way yet', { job_id: request.run_id, correlation_id: request.correlation_id, error });
    }
    if (!bus.state.up) this.#armSweep(0);
  }

  /**
   * What is done about a failed attempt: missing data → the data helper, once; transient → another
   * attempt after a backoff; anything else, or too many of those → the report that needs nothing.
   */
  async handleReportingFailure(error: Error, context: FailureContext): Promise<void> {
    const { work, request } = context;
    const { emit, logger, config, clock, rng } = this.#services;
    const call = this.#call(request, this.#stopping.signal, context.deadline);
    logger.warn('an attempt at a report failed', { job_id: request.run_id, correlation_id: request.correlation_id, dispatch: work.dispatch, error });
    const transient = error instanceof TransientError && work.dispatch < transientAttempts && config.resilience.retry;
    if (error instanceof MissingDataError && work.dispatch === 1 && config.resilience.fallback) {
      emit({ type: 'fallback_triggered', agent: 'supervisor', job_id: request.run_id, correlation_id: request.correlation_id, operation: 'report', kind: 'data_helper', detail: error.message });
      const agents = [...new Set(error.missing.map((entry) => entry.split(':')[0] ?? entry))];
      const fetched = await this.#services.ask<CollectedData>('data_helper', 'fetch_missing', { agents, period: request.period }, call);
      const known = new Set(fetched.fact_sheets.map((sheet) => sheet.agent));
      await this.#dispatch({
        ...work,
        fact_sheets: [...work.fact_sheets.filter((sheet) => !known.has(sheet.agent)), ...fetched.fact_sheets],
        missing: [...work.missing.filter((entry) => !known.has(entry.split(':')[0] ?? entry)), ...fetched.missing],
      }, call);
    } else if (transient) {
      const delayMs = backoffDelayMs({ strategy: 'exponential', baseDelayMs: 500, maxDelayMs: 10_000, multiplier: 2, jitter: 'full', jitterRange: 0 }, work.dispatch, 0, rng);
      emit({ type: 'retry_scheduled', agent: 'supervisor', job_id: request.run_id, correlation_id: request.correlation_id, operation: 'report', attempt: work.dispatch + 1, delay_ms: Math.round(delayMs), code: error.code });
      await clock.sleep(delayMs, this.#stopping.signal);
      await this.#dispatch(work, call);
    } else {
      emit({ type: 'fallback_triggered', agent: 'supervisor', job_id: request.run_id, correlation_id: request.correlation_id, operation: 'report', kind: 'degrade', detail: error.message });
      await this.#dispatch({ ...work, degrade: true }, call);
    }
  }

  async #process(request: ReportRequest, signal: AbortSignal): Promise<void> {
    const call = this.#call(request, signal);
    if (await this.#jobs.isReported(request.run_id, call)) return this.#open.settled(request.run_id);
    this.#open.touch(request.run_id);
    const data = await this.#gather(request, call);
    await this.#dispatch({ request, fact_sheets: data.fact_sheets, missing: data.missing, dispatch: 1, degrade: false }, call);
  }

  async #gather(request: ReportRequest, call: CallOptions & { correlationId: string; userId: string }): Promise<CollectedData> {
    const { ask } = this.#services;
    const answer = await ask<TriageAnswer>('triage', 'classify', { question: request.question }, call);
    return ask<CollectedData>('data', 'collect', { agents: answer.agents, period: request.period }, call);
  }

  /** Counts the dispatch before it happens: a number is never used twice, whatever crashes in between. */
  async #dispatch(work: ReportWork, call: CallOptions & { correlationId: string }): Promise<void> {
    const { bus, config } = this.#services;
    const dispatch = await this.#jobs.countDispatch(work.request.run_id, call);
    const numbered = { ...work, dispatch };
    this.#open.touch(work.request.run_id);
    if (bus.state.up || !config.resilience.fallback) {
      await bus.publish(jobTopics.work, [{ key: null, value: numbered, headers: deadlineHeader(call.deadline) }], call);
      return;
    }
    await this.#settle(await this.#direct(numbered, call), call.signal ?? this.#stopping.signal);
  }

  async #settle(outcome: ReportOutcome, signal: AbortSignal): Promise<void> {
    if (outcome.status === 'reported') {
      // The reporting host has stored it; where it did so on its own SQLite, this makes it known here too.
      await this.#jobs.storeReport(outcome.run_id, outcome.user_id, outcome.result, outcome.fencing_token, outcome.host, { signal, correlationId: outcome.result.correlation_id });
      this.#open.settled(outcome.run_id);
      return;
    }
    const { error, work } = outcome;
    const thrown =
      error.code === 'REPORT_MISSING_DATA'
        ? new MissingDataError(error.missing ?? work.missing)
        : error.recovery === 'retry'
          ? new TransientError(error.message, error.retry_after_ms === undefined ? {} : { retryAfterMs: error.retry_after_ms })
          : new Error(error.message);
    await this.handleReportingFailure(thrown, { request: work.request, work });
  }

  /** Takes up what is durable, has no report and shows no sign of life: after a crash, an outage of Kafka, a lost message. */
  async #sweep(): Promise<void> {
    const { bus, logger, config } = this.#services;
    const signal = this.#stopping.signal;
    try {
      const unfinished = await this.#jobs.unfinished(sweepLimit, { signal });
      const stale = unfinished.filter((request) => this.#open.isStale(request.run_id, bus.state.up ? staleAfterMs : staleWithoutKafkaMs));
      if (bus.state.up) {
        for (const request of stale) await this.submit(request);
      } else if (config.resilience.fallback) {
        await this.#processDirectly(stale, signal);
      }
    } catch (error) {
      if (!signal.aborted) logger.warn('looking for unfinished jobs failed; it is tried again', { error: asError(error) });
    }
  }

  async #processDirectly(requests: readonly ReportRequest[], signal: AbortSignal): Promise<void> {
    const queue = [...requests];
    const worker = async (): Promise<void> => {
      for (let request = queue.shift(); request !== undefined && !signal.aborted; request = queue.shift()) {
        try {
          await this.#process(request, signal);
        } catch (error) {
          this.#open.abandon(request.run_id);
          this.#services.logger.warn('job could not be processed by direct calls; it is tried again', { job_id: request.run_id, correlation_id: request.correlation_id, error });
        }
      }
    };
    await Promise.all(Array.from({ length: directConcurrency }, worker));
  }

  #armSweep(delayMs: number): void {
    this.#cancelSweep();
    this.#cancelSweep = this.#services.clock.setTimer(delayMs, () => {
      this.#sweeping = this.#sweeping.then(() => this.#sweep()).finally(() => {
        if (!this.#stopping.signal.aborted) this.#armSweep(sweepEveryMs);
      });
    });
  }

  #publishRequest(request: ReportRequest): Promise<void> {
    const call = this.#call(request, this.#stopping.signal);
    return this.#services.bus.publish(jobTopics.requests, [{ key: request.run_id, value: request, headers: deadlineHeader(call.deadline) }], call);
  }

  /** Deadline of a job: its own, counted from its acceptance. */
  #call(request: ReportRequest, signal: AbortSignal, deadline?: Deadline): CallOptions & { correlationId: string; userId: string } {
    const own = request.timeout_ms === undefined ? undefined : deadlineFromWall(this.#services.clock, String(request.accepted_at + request.timeout_ms));
    const until = deadline ?? own;
    return { signal, correlationId: request.correlation_id, userId: request.user_id, ...(until === undefined || until.expired ? {} : { deadline: until }) };
  }
}

function deadlineHeader(deadline: Deadline | undefined): Record<string, string> {
  return deadline === undefined ? {} : { [DEADLINE_HEADER]: String(deadline.toWallMs()) };
}
