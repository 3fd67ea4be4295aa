import { z } from 'zod';
import { newCorrelationId } from '../../../core/ids.ts';
import type { AgentAction } from '../action.ts';
import { BaseAgent } from '../base-agent.ts';
import { AgentError } from '../error-codes.ts';
import type { AgentServices } from '../services.ts';
import type { Subscription } from '../../connectors/bus/message-bus.ts';
import type { CallOptions } from '../../connectors/call.ts';
import { jobSubmissionSchema, type JobView } from '../../jobs/job.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import { jobTables } from '../../jobs/tables.ts';
import type { OpenJobs } from './open-jobs.ts';
import type { WorkflowOrchestrator } from './orchestrator.ts';

/** What a client waits before it tries again at level 3. */
const readOnlyRetryAfterMs = 5_000;
const readOnlyLevel = 3;

export interface AcceptedJob {
  readonly run_id: string;
  readonly correlation_id: string;
  readonly status: 'accepted';
}

const viewInput = z.object({ run_id: z.string() });

/** Takes jobs in, answers for their state, and owns the workflow orchestrator (F06). */
export class SupervisorAgent extends BaseAgent {
  readonly name = 'supervisor';
  readonly #jobs: JobStore;
  readonly #orchestrator: WorkflowOrchestrator;

  constructor(services: AgentServices, jobs: JobStore, orchestrator: WorkflowOrchestrator) {
    super(services);
    this.#jobs = jobs;
    this.#orchestrator = orchestrator;
  }

  /** Accepted jobs without a report, as far as they are known here. */
  get openJobs(): Pick<OpenJobs, 'count' | 'oldestAgeMs'> {
    return this.#orchestrator.openJobs;
  }

  override actions(): readonly AgentAction<unknown, unknown>[] {
    const jobStatus: AgentAction<z.infer<typeof viewInput>, JobView> = {
      name: 'job_status',
      summary: 'State of a job, with its report once there is one',
      input: viewInput,
      output: z.custom<JobView>((value) => typeof value === 'object' && value !== null),
      handle: ({ run_id }, context) => this.#jobs.view(run_id, context),
    };
    return [jobStatus];
  }

  /**
   * Resolves once the job is durable. Throws `REQUEST_INVALID`, `JOB_CONFLICT`, `READ_ONLY` at level 3
   * and above, or the database's error; the job is not accepted then.
   */
  async submit(body: unknown, call: CallOptions & { readonly userId?: string }): Promise<AcceptedJob> {
    const parsed = jobSubmissionSchema.safeParse(body);
    if (!parsed.success) throw new AgentError('REQUEST_INVALID', `job: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
    if (call.userId !== undefined && call.userId !== parsed.data.user_id) throw new AgentError('REQUEST_INVALID', `job: it is submitted by '${call.userId}' for another user`);
    if (this.services.level() >= readOnlyLevel) {
      throw new AgentError('READ_ONLY', 'several services are down: no new jobs are accepted until they are back', { retryAfterMs: readOnlyRetryAfterMs });
    }
    const correlationId = call.correlationId ?? newCorrelationId();
    const request = await this.observed('submit', correlationId, () => this.counted(() => this.#jobs.accept(parsed.data, correlationId, call)));
    this.services.metrics.count('jobs_accepted_total');
    void this.#orchestrator.submit(request);
    return { run_id: request.run_id, correlation_id: request.correlation_id, status: 'accepted' };
  }

  view(runId: string, call: CallOptions & { readonly userId?: string }): Promise<JobView> {
    return this.#jobs.view(runId, call);
  }

  override async start(): Promise<void> {
    await super.start();
    this.#orchestrator.start();
  }

  override async gracefulShutdown(signal?: AbortSignal): Promise<void> {
    await this.#orchestrator.stop(signal);
    await super.gracefulShutdown(signal);
  }

  protected override tables(): readonly string[] {
    return jobTables;
  }

  protected override subscribe(): readonly Promise<Subscription>[] {
    return this.#orchestrator.subscribe((operation, correlationId, work) => this.observed(operation, correlationId, work));
  }
}
