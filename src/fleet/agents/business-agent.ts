import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { raceAbort } from '../../core/abort.ts';
import type { FactSheet, Period } from '../data/fact.ts';
import { factSheetSchema } from '../jobs/messages.ts';
import type { ActionContext, AgentAction } from './action.ts';
import { BaseAgent } from './base-agent.ts';
import type { BusinessAgentDefinition } from './business/index.ts';
import type { AgentServices } from './services.ts';

/** Fact sheets are asked for many times over; data is loaded once a run, so a short life is enough to notice a reload. */
const sheetLifeMs = 10_000;
const sheetLimit = 200;

const factsInput = z.object({ period: z.object({ from: z.iso.date(), to: z.iso.date() }) });

/** One of the fifteen: answers `facts` for a period, and its own questions, from its own tables (F05). */
export class BusinessAgent extends BaseAgent {
  readonly name: string;
  readonly #definition: BusinessAgentDefinition;
  readonly #prepareData: () => Promise<void>;
  readonly #sheets: LRUCache<string, Promise<FactSheet>>;

  /** @param prepareData loads the business data, once for all agents of the host */
  constructor(services: AgentServices, definition: BusinessAgentDefinition, prepareData: () => Promise<void>) {
    super(services);
    this.name = definition.name;
    this.#definition = definition;
    this.#prepareData = prepareData;
    this.#sheets = new LRUCache({ max: sheetLimit, ttl: sheetLifeMs, ttlResolution: 0, perf: { now: () => services.clock.monotonicMs() } });
  }

  override actions(): readonly AgentAction<unknown, unknown>[] {
    const facts: AgentAction<z.infer<typeof factsInput>, z.infer<typeof factSheetSchema>> = {
      name: 'facts',
      summary: 'Everything this agent knows of a period',
      input: factsInput,
      output: factSheetSchema,
      handle: async ({ period }, context) => structuredClone(await this.#facts(period, context)) as z.infer<typeof factSheetSchema>,
    };
    const questions = (this.#definition.questions as readonly AgentAction<unknown, unknown>[]).map((question) => ({
      ...question,
      handle: async (input: unknown, context: ActionContext): Promise<unknown> => {
        await raceAbort(this.#prepareData(), context.signal);
        return question.handle(input, context);
      },
    }));
    return [facts, ...questions];
  }

  protected override async initializeDatabase(maxRetries?: number, retryDelay?: number): Promise<void> {
    await super.initializeDatabase(maxRetries, retryDelay);
    // Goes on beside joining Kafka; whoever asks before it is done waits for it, and `initializeCustom` tells a failure.
    this.#prepareData().catch(() => undefined);
  }

  protected override async initializeCustom(): Promise<void> {
    await this.#prepareData();
  }

  /** Computed once for all who ask at the same time; one who gives up does not end it for the others. */
  #facts(period: Period, context: ActionContext): Promise<FactSheet> {
    const key = `${period.from}/${period.to}`;
    let sheet = this.#sheets.get(key);
    if (sheet === undefined) {
      sheet = this.#prepareData().then(() => this.#definition.facts(this.services.database, period, { signal: this.stopping, correlationId: context.correlationId }));
      this.#sheets.set(key, sheet);
      sheet.catch(() => this.#sheets.delete(key));
    }
    return raceAbort(sheet, context.signal);
  }
}
