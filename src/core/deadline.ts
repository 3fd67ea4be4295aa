import type { Clock } from './clock.ts';

/** Header that carries a deadline between processes: wall-clock milliseconds since the Unix epoch. */
export const DEADLINE_HEADER = 'x-netra-deadline-ms';

/** A point in time by which an answer is of use; kept on the monotonic clock inside a process. */
export interface Deadline {
  /** Milliseconds left, never below 0. */
  remainingMs(): number;
  readonly expired: boolean;
  /** The sooner of this deadline and `timeoutMs` from now. */
  within(timeoutMs: number): Deadline;
  /** Wall-clock milliseconds, for `DEADLINE_HEADER`. */
  toWallMs(): number;
}

export function deadlineAfter(clock: Clock, timeoutMs: number): Deadline {
  return deadlineAt(clock, clock.monotonicMs() + timeoutMs);
}

/** Reads a `DEADLINE_HEADER` value; undefined for anything that is no finite number. */
export function deadlineFromWall(clock: Clock, header: string | undefined): Deadline | undefined {
  const wallMs = header === undefined || header.trim() === '' ? Number.NaN : Number(header);
  if (!Number.isFinite(wallMs)) return undefined;
  return deadlineAfter(clock, wallMs - clock.now());
}

function deadlineAt(clock: Clock, atMonotonicMs: number): Deadline {
  return {
    remainingMs: () => Math.max(0, atMonotonicMs - clock.monotonicMs()),
    get expired() {
      return clock.monotonicMs() >= atMonotonicMs;
    },
    within: (timeoutMs) => deadlineAt(clock, Math.min(atMonotonicMs, clock.monotonicMs() + timeoutMs)),
    toWallMs: () => Math.round(clock.now() + (atMonotonicMs - clock.monotonicMs())),
  };
}
