import type { Clock } from '../../../../core/clock.ts';
import type { Partition } from './partition.ts';

export interface NewsWait<Found> {
  readonly partitions: readonly Partition[];
  readonly clock: Clock;
  readonly maxWaitMs: number;
  /** Nobody waits any more. */
  readonly signal: AbortSignal;
  readonly look: () => Found;
  readonly isEnough: (found: Found) => boolean;
}

/**
 * Looks again after each piece of news from the partitions, until that is enough or time is up, and
 * resolves to what was seen last; undefined after an abort. Leaves no timer and no listener.
 */
export function raceNews<Found>({ partitions, clock, maxWaitMs, signal, look, isEnough }: NewsWait<Found>): Promise<Found | undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    const settle = (found: Found | undefined): void => {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      for (const unsubscribe of subscriptions) unsubscribe();
      resolve(found);
    };
    const onAbort = (): void => settle(undefined);
    const onNews = (): void => {
      const found = look();
      if (isEnough(found)) settle(found);
    };
    const cancelTimer = clock.setTimer(maxWaitMs, () => settle(look()));
    signal.addEventListener('abort', onAbort, { once: true });
    const subscriptions = partitions.map((partition) => partition.onNews(onNews));
    return undefined;
  });
}
