/**
 * Errors that a retry loop has given up on, with a running number. By identity and weakly, so that
 * frozen and foreign errors can be marked too.
 */
const exhausted = new WeakMap<object, number>();
let lastMark = 0;

const MAX_CAUSES = 8;

/** An outer retry loop must not repeat what an inner one has repeated already: 3 layers of 3 attempts would be 27 calls. */
export function markExhausted(error: unknown): void {
  if (typeof error === 'object' && error !== null) exhausted.set(error, ++lastMark);
}

/** To be noted when an attempt begins. */
export function exhaustionMark(): number {
  return lastMark;
}

/**
 * Whether `error`, or one that it carries as its cause, was given up on since `mark` was noted. An
 * error object that is thrown again and again (a memoised rejection) is not held against later calls.
 */
export function isExhausted(error: unknown, mark: number): boolean {
  let current = error;
  for (let depth = 0; depth <= MAX_CAUSES && typeof current === 'object' && current !== null; depth++) {
    if ((exhausted.get(current) ?? 0) > mark) return true;
    current = (current as { cause?: unknown }).cause;
  }
  return false;
}
