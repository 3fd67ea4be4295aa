import { NetraError, defineErrorCodes, type NetraErrorOptions } from '../core/errors.ts';

export const infraErrorCodes = defineErrorCodes({
  INFRA_UNAVAILABLE: {
    severity: 'critical',
    recovery: 'fail',
    retriable: false,
    meaning: 'A service that the fleet needs could not be started or reached.',
    remedy: 'Read the sentence that comes with it; `netra-resilience doctor` shows what this machine offers, `--infra embedded` needs nothing but Node.',
  },
});

/** Infrastructure could not be started or reached; ends a command with exit code 69. */
export class InfraUnavailable extends NetraError {
  constructor(message: string, options?: NetraErrorOptions) {
    super('INFRA_UNAVAILABLE', infraErrorCodes.INFRA_UNAVAILABLE, message, options);
  }
}
