import { z } from 'zod';
import { factSheetSchema } from '../../jobs/messages.ts';
import type { ActionContext, AgentAction } from '../action.ts';
import { BaseAgent } from '../base-agent.ts';
import { collectOutput, type CollectedData } from './data.ts';

const fetchInput = z.object({
  /** Agents whose facts are missing. */
  agents: z.array(z.string()).min(1),
  period: z.object({ from: z.string(), to: z.string() }),
});

/**
 * Fetches once more what a report lacks (D06): one agent after the other instead of all at once, so
 * that an overloaded host is not pressed again in the same way. What cannot be had then is missing.
 */
export class DataHelperAgent extends BaseAgent {
  readonly name = 'data_helper';

  override actions(): readonly AgentAction<unknown, unknown>[] {
    const fetchMissing: AgentAction<z.infer<typeof fetchInput>, CollectedData> = {
      name: 'fetch_missing',
      summary: 'Asks again for the facts of agents that gave no answer',
      input: fetchInput,
      output: collectOutput,
      handle: (input, context) => this.#fetch(input, context),
    };
    return [fetchMissing];
  }

  async #fetch({ agents, period }: z.infer<typeof fetchInput>, context: ActionContext): Promise<CollectedData> {
    const collected: CollectedData = { fact_sheets: [], missing: [], unanswered: [] };
    for (const agent of agents) {
      try {
        const sheet = factSheetSchema.parse(await context.ask(agent, 'facts', { period }));
        collected.fact_sheets.push(sheet);
        collected.missing.push(...sheet.missing);
      } catch (error) {
        if (context.signal.aborted) throw error;
        this.services.logger.warn('facts are still missing', { asked: agent, correlation_id: context.correlationId, error });
        collected.missing.push(`${agent}: gave no answer when asked again (${error instanceof Error ? error.message : String(error)})`);
        collected.unanswered.push(agent);
      }
    }
    return collected;
  }
}
