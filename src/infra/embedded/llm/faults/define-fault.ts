import type { z } from 'zod';
import type { Clock } from '../../../../core/clock.ts';
import type { Rng } from '../../../../core/rng.ts';
import type { LlmCall, LlmHandler, LlmReply } from '../llm-call.ts';

/** A call that a fault has been chosen for. */
export interface FaultCall extends LlmCall {
  readonly clock: Clock;
  /** A stream of this call's own: depends on the fault's seed and on what is asked, not on when. */
  readonly rng: Rng;
  /** Aborts when the fault is taken back. */
  readonly healed: AbortSignal;
  /** To be called where the fault begins to act: counts the call, and names the fault in the log. */
  touch(): void;
}

/**
 * What an installed fault does with a call: refuse it, or ask `model` and spoil the answer. A fault that
 * has nothing to do with the call hands it to `rest`, the faults behind it, so that a call is touched by
 * one fault at most. What it keeps between calls lives in its closure.
 */
export type FaultAction = (call: FaultCall, model: LlmHandler, rest: LlmHandler) => Promise<LlmReply>;

/** One kind of fault in front of the model; one file each, called as its type. */
export interface LlmFaultKind<Parameters extends object = object> {
  readonly type: string;
  /** One sentence, as a user of the model sees it. */
  readonly summary: string;
  /** A strict object; times are milliseconds and their names end in `_ms`. */
  readonly parameters: z.ZodObject & z.ZodType<Parameters>;
  install(parameters: Parameters): FaultAction;
}

/** Types a kind without changing it. */
export function defineLlmFault<Parameters extends object>(kind: LlmFaultKind<Parameters>): LlmFaultKind<Parameters> {
  return kind;
}
