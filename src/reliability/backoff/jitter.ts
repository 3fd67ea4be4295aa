import type { Rng } from '../../core/rng.ts';

/** Spreads a delay; `range` is the ± share of `proportional` (0.25 = ±25 %), the others do not use it. */
export type Jitter = (delayMs: number, range: number, rng: Rng) => number;

const none: Jitter = (delayMs) => delayMs;
/** AWS: uniform between 0 and the delay. */
const full: Jitter = (delayMs, _range, rng) => delayMs * rng.next();
/** AWS: half the delay, plus uniform between 0 and the other half. */
const equal: Jitter = (delayMs, _range, rng) => delayMs / 2 + (delayMs / 2) * rng.next();
const proportional: Jitter = (delayMs, range, rng) => delayMs * (1 + range * (2 * rng.next() - 1));

export const jitters = { none, full, equal, proportional } as const;
export type JitterName = keyof typeof jitters;
