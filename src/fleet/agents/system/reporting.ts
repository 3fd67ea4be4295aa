import { z } from 'zod';
import { asError, isNetraError } from '../../../core/errors.ts';
import { deadlineFromWall, DEADLINE_HEADER, type Deadline } from '../../../core/deadline.ts';
import type { ReportingSubAgentFactory } from '../../reporting/reporting-sub-agent-factory.ts';
import { MissingDataError, StaleWriterError } from '../../reporting/error-codes.ts';
import { jobTopics, reportOutcomeSchema, reportWorkSchema, type ReportOutcome, type ReportWork } from '../../jobs/messages.ts';
import { jobTables } from '../../jobs/tables.ts';
import type { AgentAction } from '../action.ts';
import { BaseAgent } from '../base-agent.ts';
import { errorBody } from '../error-codes.ts';
import type { AgentServices } from '../services.ts';
import type { FactSheet } from '../../data/fact.ts';

/** Room between the tokens of two dispatches for the attempts that each may take. */
const tokensPerDispatch = 1_000;

/**
 * Takes work from `report.work` and gives each job to a ReportingSubAgent of its own. The offset is
 * committed once the report is stored and its outcome published: a host killed before that leaves the
 * job to another one, which finds its checkpoints.
 */
export class ReportingAgent extends BaseAgent {
  readonly name = 'reporting';
  readonly #factory: ReportingSubAgentFactory;

  constructor(services: AgentServices, factory: ReportingSubAgentFactory) {
    super(services);
    this.#factory = factory;
  }

  override actions(): readonly AgentAction<unknown, unknown>[] {
    const generate: AgentAction<ReportWork, ReportOutcome> = {
      name: 'generate',
      summary: 'Makes the report of a job and answers what came of it (level 2: without Kafka)',
      input: reportWorkSchema,
      output: z.custom<ReportOutcome>((value) => reportOutcomeSchema.safeParse(value).success),
      handle: (work, context) => this.#generate(work, context.signal, context.deadline),
    };
    return [generate];
  }

  protected override tables(): readonly string[] {
    return jobTables;
  }

  protected override async subscribe(): Promise<void> {
    const { bus, clock, config } = this.services;
    this.addSubscription(
      await bus.subscribe({
        topic: jobTopics.work,
        group: 'reporting',
        concurrency: config.jobConcurrency,
        handle: (message, { signal }) =>
          this.counted(async () => {
            const work = reportWorkSchema.parse(message.value);
            const outcome = await this.#generate(work, signal, deadlineFromWall(clock, message.headers[DEADLINE_HEADER]));
            if (outcome === 'taken over') return;
            await bus.publish(jobTopics.results, [{ key: work.request.run_id, value: outcome }], { signal, correlationId: work.request.correlation_id });
          }),
      }),
    );
  }
}
