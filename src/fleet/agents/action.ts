import type { z } from 'zod';
import type { Deadline } from '../../core/deadline.ts';
import type { SqlDatabase } from '../data/sql-database.ts';

/** What an action may use; everything else it has to ask another agent for. */
export interface ActionContext {
  readonly database: SqlDatabase;
  readonly correlationId: string;
  readonly signal: AbortSignal;
  readonly deadline?: Deadline;
  readonly userId?: string;
  /** Set at degradation level 3: answer from what is there, change nothing. */
  readonly readOnly: boolean;
  /** Another agent's action over the bus; rejects with that agent's error, or a timeout at the deadline. */
  ask<Output>(agent: string, action: string, input: object): Promise<Output>;
}

/** One question that an agent answers. Callers parse `input` and `output` with the schemas; `handle` gets parsed input. */
export interface AgentAction<Input, Output> {
  /** Unique in its agent, snake_case, as typed in `/agents/<agent>/<name>`: `inventory_check`. */
  readonly name: string;
  readonly summary: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  handle(input: Input, context: ActionContext): Promise<Output>;
}
