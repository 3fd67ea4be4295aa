import { abortReason } from './abort.ts';

/** Cancels a timer that has not fired; a second call, or a call after it fired, does nothing. */
export type CancelTimer = () => void;

/**
 * The only way time enters the program. `now()` is for showing and storing; every duration,
 * timeout and window is measured with `monotonicMs()`, which never steps back.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. */
  now(): number;
  /** Monotonic milliseconds (fractional) from an arbitrary origin. */
  monotonicMs(): number;
  /**
   * Calls `callback` once after `delayMs`. Delays above 2^31-1 ms are carried out in steps, since
   * Node fires such a timer at once; Infinity is never. `keepAlive: false` lets the process end while it is pending.
   * @default keepAlive true
   */
  setTimer(delayMs: number, callback: () => void, options?: { keepAlive?: boolean }): CancelTimer;
  /**
   * Resolves after `delayMs`; rejects with the signal's own reason as soon as it is aborted,
   * leaving neither timer nor listener behind.
   */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export const MAX_TIMER_DELAY_MS = 2 ** 31 - 1;

/** Builds `sleep` from a `setTimer`, so that the real and the virtual clock abort alike. */
export function sleepWith(timer: Clock['setTimer'], delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.reject(abortReason(signal));
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(abortReason(signal as AbortSignal));
    };
    const cancel = timer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function setTimer(delayMs: number, callback: () => void, options?: { keepAlive?: boolean }): CancelTimer {
  let handle: NodeJS.Timeout;
  let remainingMs = Math.max(0, delayMs);
  const arm = (): void => {
    const stepMs = Math.min(remainingMs, MAX_TIMER_DELAY_MS);
    remainingMs -= stepMs;
    handle = setTimeout(() => (remainingMs > 0 ? arm() : callback()), stepMs);
    if (options?.keepAlive === false) handle.unref();
  };
  arm();
  return () => clearTimeout(handle);
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer,
  sleep: (delayMs, signal) => sleepWith(setTimer, delayMs, signal),
};
