import { z } from 'zod';
import type { AgentServices } from '../../agents/services.ts';
import type { FactSheet } from '../../data/fact.ts';
import { factSheetSchema } from '../../jobs/messages.ts';
import { reportingAgentName, type ReportContext } from '../report-context.ts';
import { agentOf, unansweredAgents } from '../report-material.ts';

/** Less left, and asking again would cost the report itself. */
const leastHelperTimeMs = 2_000;

export interface DataHelperRequest {
  readonly agents: readonly string[];
  readonly period: { readonly from: string; readonly to: string };
}

/** What there is after the data helper has been asked. */
export interface CollectedSheets {
  readonly factSheets: readonly FactSheet[];
  readonly missing: readonly string[];
  /** False where the data helper itself could not be asked. */
  readonly answered: boolean;
}

const answerSchema = z.object({ fact_sheets: z.array(factSheetSchema), missing: z.array(z.string()) });

/** Has what is missing fetched, once a report (D06). What cannot be had then is said to be missing, and the report goes on. */
export class DataHelperFallbackCoordinator {
  readonly #services: AgentServices;
  readonly #context: ReportContext;
  #triggered = false;

  constructor(services: AgentServices, context: ReportContext) {
    this.#services = services;
    this.#context = context;
  }

  get triggered(): boolean {
    return this.#triggered;
  }

  /** Whether agents gave no answer at all, there is time to ask again, and nobody has asked again yet. What an agent itself says to be missing stays so. */
  shouldFallback(context: Pick<ReportContext, 'factSheets' | 'missing' | 'deadline' | 'degrade'>): boolean {
    const hasTime = (context.deadline?.remainingMs() ?? Infinity) >= leastHelperTimeMs;
    return this.#services.config.resilience.fallback && !this.#triggered && context.degrade !== true && hasTime && unansweredAgents(context.factSheets, context.missing).length > 0;
  }

  prepareFallbackContext(missing: readonly string[]): DataHelperRequest {
    const { factSheets, period } = this.#context;
    return { agents: unansweredAgents(factSheets, missing), period: { from: period.from, to: period.to } };
  }

  /** Never rejects, unless the attempt itself is over: without the data helper there is what there was. */
  async triggerDataHelper(request: DataHelperRequest): Promise<CollectedSheets> {
    const { factSheets, missing, correlationId, userId, signal, deadline } = this.#context;
    this.#triggered = true;
    this.#services.emit({
      type: 'fallback_triggered',
      agent: reportingAgentName,
      correlation_id: correlationId,
      job_id: this.#context.jobId,
      user_id: userId,
      operation: 'report',
      kind: 'data_helper',
      detail: `asks again for ${request.agents.join(', ')}`,
    });
    try {
      const options = { correlationId, userId, signal, ...(deadline === undefined ? {} : { deadline }) };
      const answer = answerSchema.parse(await this.#services.ask<unknown>('data_helper', 'fetch_missing', request, options));
      return merge(factSheets, missing, answer.fact_sheets as readonly FactSheet[], answer.missing, request.agents);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#services.logger.warn('the data helper could not help', { correlation_id: correlationId, job_id: this.#context.jobId, error });
      return { factSheets, missing, answered: false };
    }
  }
}

/** What was said of the agents asked again is replaced by what is known of them now. */
function merge(sheets: readonly FactSheet[], missing: readonly string[], fetched: readonly FactSheet[], stillMissing: readonly string[], asked: readonly string[]): CollectedSheets {
  const answered = new Set(fetched.map((sheet) => sheet.agent));
  const explained = new Set(stillMissing.map(agentOf));
  const stillTrue = missing.filter((line) => !asked.includes(agentOf(line)) || !(answered.has(agentOf(line)) || explained.has(agentOf(line))));
  return { factSheets: [...sheets.filter((sheet) => !answered.has(sheet.agent)), ...fetched], missing: [...stillTrue, ...stillMissing], answered: true };
}
