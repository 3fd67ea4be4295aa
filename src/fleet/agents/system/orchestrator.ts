import { deadlineFromWall, DEADLINE_HEADER, type Deadline } from '../../../core/deadline.ts';
import { asError, isNetraError } from '../../../core/errors.ts';
import { backoffDelayMs, type BackoffSettings } from '../../../reliability/index.ts';
import type { Subscription } from '../../connectors/bus/message-bus.ts';
import type { CallOptions } from '../../connectors/call.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import { jobTopics, reportOutcomeSchema, reportRequestSchema, type ReportOutcome, type ReportRequest, type ReportWork } from '../../jobs/messages.ts';
import { MissingDataError, TransientError } from '../../reporting/error-codes.ts';
import { agentOf } from '../../reporting/report-material.ts';
import type { AgentServices } from '../services.ts';
import { collectOutput, type CollectedData } from './data.ts';
import { OpenJobs } from './open-jobs.ts';
import { Sweeper } from './sweeper.ts';
import { triageAnswerSchema } from './triage.ts';

/** Attempts after transient failures before a job is degraded. */
const transientAttempts = 4;
/** Failures at gathering a job's data before it goes on without: the reporting side says what is missing, and asks once more. */
const gatherAttempts = 3;
/** Before another attempt at a report; full jitter, so that jobs that failed together do not come back together. */
const redispatchBackoff: BackoffSettings = { strategy: 'exponential', baseDelayMs: 500, maxDelayMs: 10_000, multiplier: 2, jitter: 'full', jitterRange: 0 };
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
  /** Of whoever handed the failure over; its abort leaves the failure to be handed over again. */
  readonly signal?: AbortSignal;
}

/** Shows the handling of one message as work of the agent that owns the orchestrator. */
type Observed = (operation: string, correlationId: string, work: () => Promise<void>) => Promise<void>;

/** Hands a job with its data to a reporting host without Kafka. */
export type DirectGenerate = (work: ReportWork, call: CallOptions & { readonly correlationId: string }) => Promise<ReportOutcome>;

type JobCall = CallOptions & { readonly correlationId: string; readonly userId: string; readonly signal: AbortSignal };

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
  readonly #sweeper: Sweeper;
  #firstSweep = true;

  constructor(services: AgentServices, jobs: JobStore, direct: DirectGenerate) {
    this.#services = services;
    this.#jobs = jobs;
    this.#direct = direct;
    this.#open = new OpenJobs(services.clock);
    this.#sweeper = new Sweeper(services.clock, sweepEveryMs, () => this.#sweep());
  }

  get openJobs(): Pick<OpenJobs, 'count' | 'oldestAgeMs'> {
    return this.#open;
  }

  /** Both are at-least-once: whatever is handed over may come again, also after a crash. */
  subscribe(observed: Observed = (_operation, _correlationId, work) => work()): readonly Promise<Subscription>[] {
    const { bus } = this.#services;
    return [
      bus.subscribe({
        topic: jobTopics.requests,
        group: 'orchestrator',
        concurrency: 8,
        handle: (message, { signal }) => observed('request', message.correlationId, () => this.#process(reportRequestSchema.parse(message.value), signal)),
      }),
      bus.subscribe({
        topic: jobTopics.results,
        group: 'orchestrator-results',
        concurrency: 8,
        handle: (message, { signal }) => observed('result', message.correlationId, () => this.#settle(reportOutcomeSchema.parse(message.value), signal)),
      }),
    ];
  }

  start(): void {
    this.#sweeper.now();
  }

  /** Waits for the sweep under way, until `signal` aborts: what it has not finished stays durable. */
  async stop(signal?: AbortSignal): Promise<void> {
    this.#stopping.abort(new Error('orchestrator is shutting down'));
    await this.#sweeper.stop(signal);
  }

  /** Sends an accepted job on its way, once. Never rejects: what fails here is taken up by the sweep. */
  async submit(request: ReportRequest): Promise<void> {
    const { bus, logger } = this.#services;
    const { run_id: runId } = request;
    if (this.#open.isDispatched(runId)) return;
    this.#open.touch(runId);
    try {
      if (bus.state.up) await this.#publishRequest(request);
      else this.#open.abandon(runId);
    } catch (error) {
      this.#open.abandon(runId);
      logger.warn('job is durable but could not be sent on its way yet', { job_id: runId, correlation_id: request.correlation_id, error });
    }
    if (!bus.state.up) this.#sweeper.now();
  }

  /**
   * What is done about a failed attempt: missing data → the data helper, once; transient → another
   * attempt after a backoff; anything else, or too many of those → the report that needs nothing.
   * With the fallback switched off (D11) the job ends as failed instead.
   */
  async handleReportingFailure(error: Error, context: FailureContext): Promise<void> {
    const { work, request } = context;
    const { logger, config } = this.#services;
    const signal = context.signal === undefined ? this.#stopping.signal : AbortSignal.any([context.signal, this.#stopping.signal]);
    const call = this.#call(request, signal, context.deadline);
    logger.warn('an attempt at a report failed', { job_id: request.run_id, correlation_id: request.correlation_id, dispatch: work.dispatch, error });
    if (error instanceof TransientError && config.resilience.retry && work.dispatch < transientAttempts) return this.#tryAgain(error, work, call);
    if (!config.resilience.fallback) return this.#giveUp(work, call);
    if (error instanceof MissingDataError && !work.data_helper_asked) {
      const helped = await this.#askDataHelper(error, work, call);
      if (helped !== undefined) return this.#dispatch(helped, call);
    }
    await this.#degrade(error, work, call);
  }

  async #tryAgain(error: TransientError, work: ReportWork, call: JobCall): Promise<void> {
    const delayMs = Math.max(this.#backoffMs(work), Math.min(error.retryAfterMs ?? 0, redispatchBackoff.maxDelayMs));
    this.#services.emit({ type: 'retry_scheduled', ...about(work.request), operation: 'report', attempt: work.dispatch + 1, delay_ms: Math.round(delayMs), code: error.code });
    await this.#pause(delayMs, work, call);
    await this.#dispatch(work, call);
  }

  /** Undefined where the data helper cannot be asked either. */
  async #askDataHelper(error: MissingDataError, work: ReportWork, call: JobCall): Promise<ReportWork | undefined> {
    const { ask, logger } = this.#services;
    const { request } = work;
    this.#services.emit({ type: 'fallback_triggered', ...about(request), operation: 'report', kind: 'data_helper', detail: error.message });
    const agents = [...new Set(error.missing.map(agentOf))];
    if (agents.length === 0) return undefined;
    try {
      const fetched = collectOutput.parse(await ask<unknown>('data_helper', 'fetch_missing', { agents, period: request.period }, call));
      const answered = new Set(fetched.fact_sheets.map((sheet) => sheet.agent));
      return {
        ...work,
        data_helper_asked: true,
        fact_sheets: [...work.fact_sheets.filter((sheet) => !answered.has(sheet.agent)), ...fetched.fact_sheets],
        missing: [...new Set([...work.missing.filter((entry) => !agents.includes(agentOf(entry))), ...fetched.missing])],
      };
    } catch (helperError) {
      if (call.signal.aborted) throw helperError;
      logger.warn('the data helper could not help', { job_id: request.run_id, correlation_id: request.correlation_id, error: helperError });
      return undefined;
    }
  }

  async #degrade(error: Error, work: ReportWork, call: JobCall): Promise<void> {
    this.#services.emit({ type: 'fallback_triggered', ...about(work.request), operation: 'report', kind: 'degrade', detail: error.message });
    // The report that needs nothing has failed as well: what it lacks, a database say, may be long in coming.
    if (work.degrade) await this.#pause(this.#backoffMs(work), work, call);
    await this.#dispatch({ ...work, degrade: true }, call);
  }

  /** The agent as it was without resilience: a failure is the job's result. */
  async #giveUp(work: ReportWork, call: JobCall): Promise<void> {
    const { run_id: runId, user_id: userId, correlation_id: correlationId } = work.request;
    const { config } = this.#services;
    const result = { success: false, report: '', level: 'FALLBACK', missing_data: work.missing, recovery_performed: false, checkpoints_used: 0, resumed_sections: 0, correlation_id: correlationId } as const;
    await this.#jobs.storeReport(runId, userId, result, work.dispatch, config.host, call);
    this.#open.settled(runId);
  }

  async #process(request: ReportRequest, signal: AbortSignal): Promise<void> {
    const call = this.#call(request, signal);
    const { run_id: runId } = request;
    // A request comes twice where its offset could not be committed, and where the sweep was impatient.
    if (this.#services.config.resilience.deduplication) {
      if (this.#open.isDispatched(runId)) return;
      if (await this.#jobs.isReported(runId, call)) return this.#open.settled(runId);
    }
    this.#open.touch(runId);
    const data = await this.#gather(request, call);
    await this.#dispatch({ request, fact_sheets: data.fact_sheets, missing: data.missing, dispatch: 1, data_helper_asked: false, degrade: false }, call);
  }

  /** Rejects where trying again may help; after that, what cannot be gathered is missing. */
  async #gather(request: ReportRequest, call: JobCall): Promise<Pick<CollectedData, 'fact_sheets' | 'missing'>> {
    const { ask, config, logger } = this.#services;
    let agents: readonly string[] = [];
    try {
      agents = triageAnswerSchema.parse(await ask<unknown>('triage', 'classify', { question: request.question }, call)).agents;
      return collectOutput.parse(await ask<unknown>('data', 'collect', { agents, period: request.period }, call));
    } catch (error) {
      const failures = this.#open.gatheringFailed(request.run_id);
      const hopeless = isNetraError(error) && error.recovery === 'fail';
      if (call.signal.aborted || !config.resilience.fallback || !(hopeless || failures >= gatherAttempts)) throw error;
      const { message } = asError(error);
      logger.warn('a job goes on without its data', { job_id: request.run_id, correlation_id: request.correlation_id, failures, error });
      return { fact_sheets: [], missing: (agents.length === 0 ? ['data'] : agents).map((agent) => `${agent}: could not be asked (${message})`) };
    }
  }

  /** Counts the dispatch before it happens: a number is never used twice, whatever crashes in between. */
  async #dispatch(work: ReportWork, call: JobCall): Promise<void> {
    const { bus, config } = this.#services;
    const { run_id: runId } = work.request;
    const dispatch = await this.#jobs.countDispatch(runId, call);
    const numbered = { ...work, dispatch };
    this.#open.touch(runId);
    if (bus.state.up || !config.resilience.directCalls) {
      await bus.publish(jobTopics.work, [{ key: null, value: numbered, headers: deadlineHeader(call.deadline) }], call);
      this.#open.dispatched(runId);
      return;
    }
    await this.#settle(await this.#direct(numbered, call), call.signal);
  }

  async #settle(outcome: ReportOutcome, signal: AbortSignal): Promise<void> {
    if (outcome.status === 'reported') {
      // The reporting host has stored it; where it did so on its own SQLite, this makes it known here too.
      await this.#jobs.storeReport(outcome.run_id, outcome.user_id, outcome.result, outcome.fencing_token, outcome.host, { signal, correlationId: outcome.result.correlation_id });
      this.#open.settled(outcome.run_id);
      return;
    }
    const { error, work } = outcome;
    if (await this.#jobs.isReported(outcome.run_id, { signal, correlationId: work.request.correlation_id })) return this.#open.settled(outcome.run_id);
    const thrown =
      error.code === 'REPORT_MISSING_DATA'
        ? new MissingDataError(error.missing ?? work.missing)
        : error.recovery === 'retry'
          ? new TransientError(error.message, error.retry_after_ms === undefined ? {} : { retryAfterMs: error.retry_after_ms })
          : new Error(error.message);
    await this.handleReportingFailure(thrown, { request: work.request, work, signal });
  }

  /** Takes up what is durable, has no report and shows no sign of life: after a crash, an outage of Kafka, a lost message. */
  async #sweep(): Promise<void> {
    const { bus, logger, config } = this.#services;
    const { signal } = this.#stopping;
    try {
      const known = this.#open.runIds;
      const unfinished = await this.#jobs.unfinished(sweepLimit, { signal });
      // The predecessor died between accepting a job and sending it on its way; where it did not, the request is there twice and the second one is passed over.
      if (this.#firstSweep) for (const { request, dispatches } of unfinished) if (dispatches === 0 && !this.#open.knows(request.run_id)) this.#open.abandon(request.run_id);
      this.#firstSweep = false;
      const open = new Set(unfinished.map(({ request }) => request.run_id));
      if (unfinished.length < sweepLimit) for (const runId of known) if (!open.has(runId)) this.#open.forget(runId);
      const stale = unfinished.map(({ request }) => request).filter((request) => this.#open.isStale(request.run_id, bus.state.up ? staleAfterMs : staleWithoutKafkaMs));
      for (const { run_id: runId } of stale) this.#open.abandon(runId);
      if (bus.state.up) {
        for (const request of stale) await this.submit(request);
      } else if (config.resilience.directCalls) {
        await this.#processDirectly(stale, signal);
      }
    } catch (error) {
      if (!signal.aborted) logger.warn('looking for unfinished jobs failed; it is tried again', { error: asError(error) });
    }
  }

  async #processDirectly(requests: readonly ReportRequest[], signal: AbortSignal): Promise<void> {
    const queue = requests.values();
    const worker = async (): Promise<void> => {
      for (const request of queue) {
        if (signal.aborted) return;
        try {
          await this.#process(request, signal);
        } catch (error) {
          this.#open.abandon(request.run_id);
          if (!signal.aborted) this.#services.logger.warn('job could not be processed by direct calls; it is tried again', { job_id: request.run_id, correlation_id: request.correlation_id, error });
        }
      }
    };
    await Promise.all(Array.from({ length: directConcurrency }, worker));
  }

  #backoffMs(work: ReportWork): number {
    return backoffDelayMs(redispatchBackoff, work.dispatch, 0, this.#services.rng);
  }

  /** A wait is a sign of life: nobody else takes the job up meanwhile. */
  async #pause(delayMs: number, work: ReportWork, call: JobCall): Promise<void> {
    this.#open.touch(work.request.run_id);
    await this.#services.clock.sleep(delayMs, call.signal);
  }

  #publishRequest(request: ReportRequest): Promise<void> {
    const call = this.#call(request, this.#stopping.signal);
    return this.#services.bus.publish(jobTopics.requests, [{ key: request.run_id, value: request, headers: deadlineHeader(call.deadline) }], call);
  }

  /** Deadline of a job: its own, counted from its acceptance. One that has passed bounds nothing any more: the report is still owed. */
  #call(request: ReportRequest, signal: AbortSignal, deadline?: Deadline): JobCall {
    const own = request.timeout_ms === undefined ? undefined : deadlineFromWall(this.#services.clock, String(request.accepted_at + request.timeout_ms));
    const until = deadline ?? own;
    return { signal, correlationId: request.correlation_id, userId: request.user_id, ...(until === undefined || until.expired ? {} : { deadline: until }) };
  }
}

function about(request: ReportRequest): { agent: string; job_id: string; user_id: string; correlation_id: string } {
  return { agent: 'supervisor', job_id: request.run_id, user_id: request.user_id, correlation_id: request.correlation_id };
}

function deadlineHeader(deadline: Deadline | undefined): Record<string, string> {
  return deadline === undefined ? {} : { [DEADLINE_HEADER]: String(deadline.toWallMs()) };
}
