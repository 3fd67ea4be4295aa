import { raceAbort } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';

/** Gives `work` a signal that aborts with `signal`, or with `late` once its time is up, and rejects with either's reason. */
export async function withTimeLimit<T>(clock: Clock, limitMs: number, signal: AbortSignal, late: () => Error, work: (within: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const limit = new AbortController();
  const cancel = clock.setTimer(limitMs, () => limit.abort(late()));
  const within = AbortSignal.any([signal, limit.signal]);
  try {
    return await raceAbort(work(within), within);
  } finally {
    cancel();
  }
}
