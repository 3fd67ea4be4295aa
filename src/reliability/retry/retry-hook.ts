import type { RetryConfig, RetryNotice } from './retry-config.ts';

/** Calls the `onRetry` hook; what it throws, or rejects with where it is async, is reported and never reaches the call. */
export function tellRetryHook(plan: { readonly retry: RetryConfig; readonly observer: { hookFailed(error: unknown): void } }, notice: RetryNotice): void {
  const { retry, observer } = plan;
  if (retry.onRetry === undefined) return;
  try {
    const result: unknown = retry.onRetry(notice);
    if (result instanceof Promise) result.catch((error: unknown) => observer.hookFailed(error));
  } catch (error) {
    observer.hookFailed(error);
  }
}
