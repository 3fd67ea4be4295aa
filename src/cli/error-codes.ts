import { NetraError, defineErrorCodes, type NetraErrorOptions } from '../core/errors.ts';
import type { Problem } from '../core/problems.ts';

export const cliErrorCodes = defineErrorCodes({
  USAGE: {
    severity: 'low',
    recovery: 'fail',
    retriable: false,
    meaning: 'Something that was typed, or a file that was named, cannot be used; nothing was started. Exit code 64.',
    remedy: 'Mend what the lines name; `netra-resilience <command> --help` lists the flags.',
  },
  WORKSPACE_UNWRITABLE: {
    severity: 'high',
    recovery: 'fail',
    retriable: false,
    meaning: 'The run folder cannot be written: no access, or the disk is full. Exit code 69.',
    remedy: 'Free space or choose another folder with `--out <dir>`.',
  },
  OUTPUT_UNWRITABLE: {
    severity: 'high',
    recovery: 'fail',
    retriable: false,
    meaning: 'Standard output cannot be written, for example to a file on a full disk; the run was ended. Exit code 69.',
    remedy: 'Free space, or send the output somewhere else.',
  },
  MODEL_UNREACHABLE: {
    severity: 'high',
    recovery: 'fail',
    retriable: false,
    meaning: 'The model at `--llm-url` does not answer. Exit code 69.',
    remedy: 'Check the URL and the key in the environment, or leave `--llm-url` out to use the built-in model.',
  },
  HOST_NOT_LISTENING: {
    severity: 'high',
    recovery: 'fail',
    retriable: false,
    meaning: '`netra-resilience host` cannot listen where it was told to: the port is taken, or the address is none of this machine. Exit code 69.',
    remedy: 'Choose another `--port` (0 picks a free one) or `--bind`.',
  },
  FLEET_NOT_READY: {
    severity: 'high',
    recovery: 'fail',
    retriable: false,
    meaning: 'A host of the fleet ended or did not get ready in time. Exit code 69.',
    remedy: 'The log of the host is in the run folder under logs/.',
  },
});

type CliErrorCode = keyof typeof cliErrorCodes;

export class CliError extends NetraError {
  constructor(code: CliErrorCode, message: string, options?: NetraErrorOptions) {
    super(code, cliErrorCodes[code], message, options);
  }
}

/** Everything wrong with what the user gave, at once. */
export class UsageError extends CliError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super('USAGE', `${problems.length} problem${problems.length === 1 ? '' : 's'} with what was given`);
    this.problems = problems;
  }
}
