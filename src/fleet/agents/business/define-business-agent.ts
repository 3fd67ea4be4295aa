import type { Fact, FactSheet, Period } from '../../data/fact.ts';
import type { QueryOptions, SqlDatabase } from '../../data/sql-database.ts';
import type { TableName } from '../../data/tables/index.ts';
import type { AgentAction } from '../action.ts';
import { tellGaps } from './data-gaps.ts';
import { FactCollector } from './fact-collector.ts';

/** Facts that are computed together, because they need the same data. */
export interface FactGroup {
  /** Tables (`payments`) and columns (`orders.channel`) without which there is nothing to tell. */
  readonly needs: readonly string[];
  compute(collector: FactCollector): Promise<void>;
}

/** Input and output are checked by the schemas at run time; a list of actions cannot be typed more closely. */
export type AnyAction = AgentAction<object, object>;

export interface BusinessAgentSpec<Questions extends readonly AnyAction[] = readonly AnyAction[]> {
  readonly name: string;
  /** The order of starting, and of who is asked when a question names nothing in particular: 1 first (F05). */
  readonly tier: 1 | 2 | 3 | 4;
  readonly summary: string;
  /** Nouns by which triage finds the agent, lower case, singular. */
  readonly topics: readonly string[];
  /** The only tables it reads. */
  readonly tables: readonly TableName[];
  readonly facts: readonly FactGroup[];
  readonly questions: Questions;
}

export interface BusinessAgentDefinition<Questions extends readonly AnyAction[] = readonly AnyAction[]> extends Omit<BusinessAgentSpec<Questions>, 'facts'> {
  /** Everything the agent knows of a period. Rejects only as `database` does: what is absent is told in `missing`. */
  facts(database: SqlDatabase, period: Period, options?: QueryOptions): Promise<FactSheet>;
}

/** Types an agent without changing what it says; its fact groups become one function. */
export function defineBusinessAgent<const Questions extends readonly AnyAction[]>(spec: BusinessAgentSpec<Questions>): BusinessAgentDefinition<Questions> {
  return {
    ...spec,
    async facts(database, period, options = {}) {
      const gaps = await tellGaps(database, spec.tables, options);
      const facts: Fact[] = [];
      const missing = [...gaps.notes];
      for (const group of spec.facts) {
        const lacking = group.needs.map((need) => gaps.reasonFor(need, period)).filter((reason) => reason !== undefined);
        if (lacking.length > 0) {
          missing.push(...lacking);
          continue;
        }
        const collector = new FactCollector(spec.name, database, period, options);
        await group.compute(collector);
        facts.push(...collector.facts);
      }
      return { agent: spec.name, period, facts, missing: [...new Set(missing)], asOf: gaps.asOf };
    },
  };
}

/** Types a question by its schemas. */
export function defineQuestion<Input extends object, Output extends object>(action: AgentAction<Input, Output>): AgentAction<Input, Output> {
  return action;
}
