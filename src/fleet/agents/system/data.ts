import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { FactSheet } from '../../data/fact.ts';
import { factSheetSchema } from '../../jobs/messages.ts';
import type { ActionContext, AgentAction } from '../action.ts';
import { BaseAgent } from '../base-agent.ts';

const periodSchema = z.object({ from: z.string(), to: z.string() });
/** No fleet has more agents; each costs a question. */
const agentsLimit = 100;
const collectInput = z.object({ agents: z.array(z.string()).max(agentsLimit), period: periodSchema });
export const collectOutput = z.object({
  fact_sheets: z.array(factSheetSchema),
  /** What no agent could tell, and why; `<agent>: …`. */
  missing: z.array(z.string()),
  /** Agents that gave no answer at all: what the data helper is asked for. */
  unanswered: z.array(z.string()),
});
export type CollectedData = z.infer<typeof collectOutput>;

const cachedSheets = 500;

/** Asks the business agents that triage named, all at once, and puts their fact sheets together. */
export class DataAgent extends BaseAgent {
  readonly name = 'data';
  /** Last good answers: what level 3 and an agent's outage are answered from (F08, R12). */
  readonly #lastGood = new LRUCache<string, { sheet: FactSheet; atMs: number }>({ max: cachedSheets });

  override actions(): readonly AgentAction<unknown, unknown>[] {
    const collect: AgentAction<z.infer<typeof collectInput>, CollectedData> = {
      name: 'collect',
      summary: 'Fact sheets of the named agents for a period',
      input: collectInput,
      output: collectOutput,
      handle: (input, context) => this.#collect(input, context),
    };
    return [collect];
  }

  async #collect({ agents, period }: z.infer<typeof collectInput>, context: ActionContext): Promise<CollectedData> {
    const answers = await Promise.all(agents.map((agent) => this.#sheet(agent, period, context)));
    const sheets = answers.flatMap((answer) => (answer.sheet === undefined ? [] : [answer.sheet]));
    return {
      fact_sheets: sheets as CollectedData['fact_sheets'],
      missing: answers.flatMap((answer, index) => [
        ...(answer.sheet === undefined ? [`${agents[index]}: ${answer.reason}`] : answer.sheet.missing),
        ...(answer.sheet !== undefined && answer.reason !== undefined ? [`${agents[index]}: ${answer.reason}`] : []),
      ]),
      unanswered: agents.filter((_, index) => answers[index]?.sheet === undefined),
    };
  }

  async #sheet(agent: string, period: { from: string; to: string }, context: ActionContext): Promise<{ sheet?: FactSheet; reason?: string }> {
    const key = `${agent}/${period.from}/${period.to}`;
    try {
      const sheet = factSheetSchema.parse(await context.ask(agent, 'facts', { period })) as FactSheet;
      this.#lastGood.set(key, { sheet, atMs: this.services.clock.monotonicMs() });
      return { sheet };
    } catch (error) {
      if (context.signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const cached = this.services.config.resilience.fallback ? this.#lastGood.get(key) : undefined;
      this.services.logger.warn('an agent gave no facts', { asked: agent, correlation_id: context.correlationId, cached: cached !== undefined, error });
      if (cached === undefined) return { reason: `gave no answer (${reason})` };
      const ageSeconds = Math.round((this.services.clock.monotonicMs() - cached.atMs) / 1_000);
      this.services.emit({ type: 'fallback_triggered', agent: this.name, correlation_id: context.correlationId, operation: `${agent}.facts`, kind: 'cached', detail: `answer of ${ageSeconds} s ago` });
      return { sheet: cached.sheet };
    }
  }
}
