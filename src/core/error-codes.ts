import { NetraError, defineErrorCodes, type NetraErrorOptions } from './errors.ts';

export const coreErrorCodes = defineErrorCodes({
  INVARIANT_VIOLATION: {
    severity: 'critical',
    recovery: 'fail',
    retriable: false,
    meaning: 'A state that the program holds to be impossible was reached: a bug of ours.',
    remedy: 'Report it with the run folder: `netra-resilience show <run>` prints where that is.',
  },
});

/** A bug of ours; ends a command with exit code 70. */
export class InvariantViolation extends NetraError {
  constructor(message: string, options?: NetraErrorOptions) {
    super('INVARIANT_VIOLATION', coreErrorCodes.INVARIANT_VIOLATION, message, options);
  }
}
