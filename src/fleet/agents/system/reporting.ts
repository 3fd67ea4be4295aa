import { z } from 'zod';
import { DEADLINE_HEADER, deadlineFromWall, type Deadline } from '../../../core/deadline.ts';
import type { Subscription } from '../../connectors/bus/message-bus.ts';
import type { FactSheet } from '../../data/fact.ts';
import { jobTopics, reportOutcomeSchema, reportWorkSchema, type ReportOutcome, type ReportWork } from '../../jobs/messages.ts';
import { jobTables } from '../../jobs/tables.ts';
import { MissingDataError } from '../../reporting/error-codes.ts';
import { reportingAgentName } from '../../reporting/report-context.ts';
import type { ReportStore } from '../../reporting/report-store.ts';
import type { ReportingSubAgentFactory } from '../../reporting/reporting-sub-agent-factory.ts';
import type { AgentAction } from '../action.ts';
import { BaseAgent } from '../base-agent.ts';
import { AgentError, errorBody } from '../error-codes.ts';
import type { AgentServices } from '../services.ts';

/** Room between the fencing tokens of two dispatches for the attempts that each of them may take. */
const tokensPerDispatch = 1_000;

/** How long an attempt that was taken over waits for the report of the one that took over, before it takes the job up again. */
const newerAttemptPatienceMs = 5_000;
const lookForReportEveryMs = 250;

/**
 * Takes work from `report.work` and gives each job to a ReportingSubAgent of its own. The offset is
 * committed once the report is stored and its outcome published: a host killed before that leaves the
 * job to another one, which finds its checkpoints.
 */
export class ReportingAgent extends BaseAgent {
  readonly name = reportingAgentName;
  readonly #factory: ReportingSubAgentFactory;
  readonly #store: ReportStore;

  constructor(services: AgentServices, factory: ReportingSubAgentFactory, store: ReportStore) {
    super(services);
    this.#factory = factory;
    this.#store = store;
  }

  override actions(): readonly AgentAction<unknown, unknown>[] {
    const generate: AgentAction<ReportWork, ReportOutcome> = {
      name: 'generate',
      summary: 'Makes the report of a job and answers what came of it (level 2: without Kafka)',
      input: reportWorkSchema,
      output: z.custom<ReportOutcome>((value) => reportOutcomeSchema.safeParse(value).success),
      handle: async (work, context) => {
        const outcome = await this.#generate(work, context.signal, context.deadline);
        // The attempt that took over tells its own outcome; this caller has to look again later.
        if (outcome === null) throw new AgentError('AGENT_FAILED', `job ${work.request.run_id} was taken over by a newer attempt`);
        return outcome;
      },
    };
    return [generate];
  }

  /** An attempt tells of itself as it goes on: agent_started, agent_thinking, agent_completed, agent_error. */
  protected override observed<T>(_operation: string, _correlationId: string | undefined, work: () => Promise<T>): Promise<T> {
    return work();
  }

  /** Work comes by its own topic; `generate` is for hosts that have no Kafka. */
  protected override servesOverKafka(): boolean {
    return false;
  }

  protected override tables(): readonly string[] {
    return jobTables;
  }

  protected override subscribe(): readonly Promise<Subscription>[] {
    const { bus, clock, config } = this.services;
    const subscription = bus.subscribe({
      topic: jobTopics.work,
      group: 'reporting',
      concurrency: config.jobConcurrency,
      handle: async (message, { signal }) => {
        const work = reportWorkSchema.parse(message.value);
        const outcome = await this.#generate(work, signal, deadlineFromWall(clock, message.headers[DEADLINE_HEADER]));
        if (outcome === null) return this.#leaveToNewerAttempt(work, signal);
        await bus.publish(jobTopics.results, [{ key: work.request.run_id, value: outcome }], { signal, correlationId: work.request.correlation_id });
      },
    });
    return [subscription];
  }

  /**
   * The message is handled once the newer attempt's report is there. Where that attempt has come to
   * nothing meanwhile (its host lost the partition to this one, which had only been paused), rejecting
   * brings the message back here, and the job goes on from its checkpoints.
   */
  async #leaveToNewerAttempt({ request }: ReportWork, signal: AbortSignal): Promise<void> {
    const { clock } = this.services;
    const key = { jobId: request.run_id, userId: request.user_id, correlationId: request.correlation_id };
    const untilMs = clock.monotonicMs() + newerAttemptPatienceMs;
    while (clock.monotonicMs() < untilMs) {
      await clock.sleep(lookForReportEveryMs, AbortSignal.any([signal, this.stopping]));
      if ((await this.#store.find(key, { signal, correlationId: request.correlation_id })) !== null) return;
    }
    throw new AgentError('AGENT_FAILED', `job ${request.run_id} was taken over by a newer attempt, which has not finished it`);
  }

  /** Null where a newer attempt holds the run. Rejects where this one was stopped: the job is still to be done. */
  #generate(work: ReportWork, signal: AbortSignal, deadline: Deadline | undefined): Promise<ReportOutcome | null> {
    const { request } = work;
    return this.counted(async () => {
      const context = {
        jobId: request.run_id,
        userId: request.user_id,
        correlationId: request.correlation_id,
        question: request.question,
        period: request.period,
        factSheets: work.fact_sheets as readonly FactSheet[],
        missing: work.missing,
        attemptFloor: work.dispatch * tokensPerDispatch,
        degrade: work.degrade,
        signal: AbortSignal.any([signal, this.stopping]),
        ...(deadline === undefined ? {} : { deadline }),
      };
      const agent = this.#factory.createForContext(context);
      const result = await agent.execute(context, true);
      const about = { run_id: request.run_id, user_id: request.user_id, host: this.services.config.host };
      const { outcome } = agent;
      // Both by wall clock, and perhaps by those of two machines.
      if (outcome.status === 'stored') this.services.metrics.observe('job_duration_seconds', Math.max(0, this.services.clock.now() - request.accepted_at) / 1_000);
      switch (outcome.status) {
        case 'stored':
        case 'already_stored':
          return { status: 'reported', ...about, fencing_token: agent.fencingToken, result };
        case 'stale':
          return null;
        case 'failed': {
          const missing = outcome.error instanceof MissingDataError ? { missing: [...outcome.error.missing] } : {};
          return { status: 'failed', ...about, error: { ...errorBody(outcome.error, request.correlation_id).error, ...missing }, work };
        }
        case 'aborted':
          throw outcome.error;
        default:
          throw new AgentError('AGENT_FAILED', `the attempt at job ${request.run_id} ended without an outcome`);
      }
    });
  }
}
