import type { ErrorClass, ErrorKind, ErrorRule } from './error-class.ts';

/** What our own codes mean to a caller; every other NetraError says by `retriable` what may be done. */
const kinds: Readonly<Record<string, { kind: ErrorKind; blame: ErrorClass['blame'] }>> = {
  CIRCUIT_OPEN: { kind: 'refused', blame: 'not-asked' },
  BULKHEAD_FULL: { kind: 'refused', blame: 'not-asked' },
  HEDGE_LOST: { kind: 'cancelled', blame: 'not-asked' },
  CALL_TIMEOUT: { kind: 'timeout', blame: 'dependency' },
  // The job's time ran out; how much of it this dependency used is not known.
  DEADLINE_EXCEEDED: { kind: 'timeout', blame: 'not-asked' },
  INVARIANT_VIOLATION: { kind: 'bug', blame: 'not-asked' },
};

export const netraRule: ErrorRule = (error, { classify }) => {
  if (typeof error.code !== 'string' || typeof error.severity !== 'string' || typeof error.recovery !== 'string') return undefined;
  const known = kinds[error.code];
  const inner = known === undefined && error.cause !== undefined ? classify(error.cause) : undefined;
  return {
    kind: known?.kind ?? inner?.kind ?? 'unknown',
    retriable: error.retriable === true,
    maybeExecuted: typeof error.maybeExecuted === 'boolean' ? error.maybeExecuted : (inner?.maybeExecuted ?? false),
    blame: known?.blame ?? inner?.blame ?? (error.retriable === true ? 'dependency' : 'none'),
    retryAfterMs: typeof error.retryAfterMs === 'number' ? error.retryAfterMs : inner?.retryAfterMs,
    source: 'netra',
  };
};
