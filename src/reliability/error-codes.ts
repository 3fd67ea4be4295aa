import { defineErrorCodes } from '../core/errors.ts';

export const reliabilityErrorCodes = defineErrorCodes({
  CIRCUIT_OPEN: {
    severity: 'high',
    recovery: 'fallback',
    retriable: false,
    meaning: 'The circuit breaker of a dependency refused the call without trying it, because earlier calls failed or a probe is still under way.',
    remedy: 'Wait for `retry_after_ms`, or use the fallback; `/health/detailed` of the host shows the state and the last errors of the dependency.',
  },
  CALL_TIMEOUT: {
    severity: 'high',
    recovery: 'retry',
    retriable: true,
    meaning: 'A call got no answer within its timeout and was cancelled; the dependency may still have carried it out.',
    remedy: 'Look at the latency of the dependency; raise `attemptTimeoutMs` or `totalTimeoutMs` of the profile if the answer is merely slow.',
  },
  DEADLINE_EXCEEDED: {
    severity: 'medium',
    recovery: 'degrade',
    retriable: false,
    meaning: 'The deadline that travels with the job passed before the call was answered: the answer would be of no use any more.',
    remedy: 'Give the job a later deadline, or let it degrade to fewer sections.',
  },
  BULKHEAD_FULL: {
    severity: 'medium',
    recovery: 'degrade',
    retriable: false,
    meaning: 'As many calls as allowed were already in flight to the dependency, and its queue was full too.',
    remedy: 'Send less at once, or raise `maxConcurrent` and `maxQueued` of the bulkhead if the dependency can take it.',
  },
  HEDGE_LOST: {
    severity: 'low',
    recovery: 'fail',
    retriable: false,
    meaning: 'Reason of the AbortSignal of a hedged attempt that was cancelled because another attempt answered first.',
    remedy: 'None needed: the call itself succeeded.',
  },
  RELIABILITY_CONFIG_INVALID: {
    severity: 'critical',
    recovery: 'fail',
    retriable: false,
    meaning: 'A retry, breaker, bulkhead or hedge setting has an impossible value.',
    remedy: 'Correct the settings that the message names.',
  },
  BREAKER_STATE_UNREADABLE: {
    severity: 'medium',
    recovery: 'degrade',
    retriable: false,
    meaning: 'A stored circuit breaker state has an unknown version or a damaged field.',
    remedy: 'Start the breaker without it (closed); delete the stored state if it keeps coming back.',
  },
});
