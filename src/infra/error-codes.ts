import { NetraError, defineErrorCodes, type NetraErrorOptions } from '../core/errors.ts';

export const infraErrorCodes = defineErrorCodes({
  INFRA_UNAVAILABLE: {
    severity: 'critical',
    recovery: 'fail',
    retriable: false,
    meaning: 'A service that the fleet needs could not be started or reached.',
    remedy: 'Read the sentence that comes with it; `netra-resilience doctor` shows what this machine offers, `--infra embedded` needs nothing but Node.',
  },
  HOSTS_REFUSED: {
    severity: 'high',
    recovery: 'fail',
    retriable: false,
    meaning: 'Faults would act on a host that is neither this machine nor allowed; nothing was started. Exit code 64.',
    remedy: 'List the host in `--allow-hosts`, `NETRA_ALLOW_HOSTS` or `infra.allow_hosts` of the scenario if it may be broken.',
  },
});

/** Infrastructure could not be started or reached; ends a command with exit code 69. */
export class InfraUnavailable extends NetraError {
  constructor(message: string, options?: NetraErrorOptions) {
    super('INFRA_UNAVAILABLE', infraErrorCodes.INFRA_UNAVAILABLE, message, options);
  }
}

/** Services of the user's own cannot be used as they are: all of them at once, a sentence each. */
export class ExternalUnreachable extends InfraUnavailable {
  readonly sentences: readonly string[];
  constructor(sentences: readonly string[]) {
    super(sentences.join(' '));
    this.sentences = sentences;
  }
}

/** Ends a command with exit code 64. */
export class HostsRefused extends NetraError {
  constructor(message: string) {
    super('HOSTS_REFUSED', infraErrorCodes.HOSTS_REFUSED, message);
  }
}
