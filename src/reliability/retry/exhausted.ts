/** Errors that a retry loop has given up on. By identity and weakly, so that frozen and foreign errors can be marked too. */
const exhausted = new WeakSet<object>();

const MAX_CAUSES = 8;

/** An outer retry loop must not repeat what an inner one has repeated already: 3 layers of 3 attempts would be 27 calls. */
export function markExhausted(error: unknown): void {
  if (typeof error === 'object' && error !== null) exhausted.add(error);
}

/** Also true for an error that carries a marked one as its cause, however it was wrapped. */
export function isExhausted(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth <= MAX_CAUSES && typeof current === 'object' && current !== null; depth++) {
    if (exhausted.has(current)) return true;
    current = (current as { cause?: unknown }).cause;
  }
  return false;
}
