/** Longest wait between two attempts. */
const longestWaitMs = 30_000;

/**
 * How an agent tries for what it needs at its start (F02, F03): `maxRetries` attempts after the first, the first of them after
 * `retryDelay` seconds. Fifteen agents that wait for one service at once are no storm: no budget is taken from.
 */
export function startAttempts(maxRetries: number, retryDelay: number) {
  return { maxAttempts: maxRetries + 1, baseDelayMs: retryDelay * 1_000, maxDelayMs: longestWaitMs, strategy: 'exponential', jitter: 'equal', budget: false } as const;
}
