import { z } from 'zod';

const count = z.int().min(1);
const timeMs = z.number().min(0);

/** When a fault touches a call that matches; exactly one member. Calls are counted from 1, and only those that no fault before this one has touched. */
export const triggerSchema = z.strictObject({
  always: z.literal(true).optional().describe('Every call'),
  first: count.optional().describe('The first so many calls, and none after them'),
  nth: z.union([count, z.array(count).min(1)], { error: 'is no call number; write a number from 1, or a list of them' }).optional().describe('The calls of these numbers, from 1'),
  every: count.optional().describe('Every so many-th call'),
  flapping: z.strictObject({ fail: count, pass: count }).optional().describe('So many calls fail, then so many pass, over and over'),
  window: z.strictObject({ from_ms: timeMs.default(0), to_ms: timeMs }).optional().describe('Calls between two times, counted from when the fault begins'),
  probability: z.number().min(0).max(1).optional().describe('Each call with this probability, drawn from the seed and what is asked'),
});

export type Trigger = z.output<typeof triggerSchema>;

/** A check of the schema's object, for those who build on its shape as well. */
export function exactlyOneMember(trigger: object): boolean {
  return Object.values(trigger).filter((value) => value !== undefined).length === 1;
}

export const ONE_TRIGGER = 'names none or several; name exactly one of always, first, nth, every, flapping, window, probability';

export interface TriggerMoment {
  /** Of the call among those that match, from 1. */
  readonly number: number;
  /** Since the fault began. */
  readonly elapsedMs: number;
  /** Uniform in [0, 1); the same for the same question, seed and repetition. */
  readonly draw: () => number;
}

export function triggers(trigger: Trigger, { number, elapsedMs, draw }: TriggerMoment): boolean {
  const { first, nth, every, flapping, window, probability } = trigger;
  if (first !== undefined) return number <= first;
  if (nth !== undefined) return typeof nth === 'number' ? number === nth : nth.includes(number);
  if (every !== undefined) return number % every === 0;
  if (flapping !== undefined) return (number - 1) % (flapping.fail + flapping.pass) < flapping.fail;
  if (window !== undefined) return elapsedMs >= window.from_ms && elapsedMs < window.to_ms;
  if (probability !== undefined) return draw() < probability;
  return true;
}
