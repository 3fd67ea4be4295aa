import type { z } from 'zod';
import type { JournalEvent } from '../../../journal/events.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { Judgement } from '../check.ts';

/** A check that a scenario asks for, with parameters of its own; one file each, called as its name. Pure, like an invariant. */
export interface ExpectationDefinition<Parameters extends object = object> {
  /** As in `expect: - check: …`. */
  readonly name: string;
  readonly summary: string;
  /** A strict object; its keys stand beside `check` in a scenario. */
  readonly parameters: z.ZodObject & z.ZodType<Parameters>;
  /** Why this scenario could never give it anything to judge, in half a sentence; undefined where it may. */
  cannotJudge?(scenario: Scenario, parameters: Parameters): string | undefined;
  /** Nothing to judge means `unknown`. */
  judge(events: readonly JournalEvent[], parameters: Parameters): Judgement;
}

/** Types an expectation without changing it. */
export function defineExpectation<Parameters extends object>(expectation: ExpectationDefinition<Parameters>): ExpectationDefinition<Parameters> {
  return expectation;
}
