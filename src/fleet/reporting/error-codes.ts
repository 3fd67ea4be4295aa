import { NetraError, defineErrorCodes, type NetraErrorOptions } from '../../core/errors.ts';

export const reportingErrorCodes = defineErrorCodes({
  REPORT_STALE_WRITER: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'Another attempt at the same run has taken over; this one may not write any more.',
    remedy: 'Nothing to do: the other attempt finishes the report. Frequent ones mean that hosts are paused for longer than the job lease.',
  },
  REPORT_MISSING_DATA: {
    severity: 'medium',
    recovery: 'fallback',
    retriable: false,
    meaning: 'The facts that a report needs are not there.',
    remedy: 'The data helper is asked once; `missing_data` of the report names what stays absent.',
  },
  REPORT_TRANSIENT: {
    severity: 'medium',
    recovery: 'retry',
    retriable: true,
    meaning: 'An attempt at a report failed for a reason that passes, such as a database that cannot be reached.',
    remedy: 'The orchestrator tries again with backoff; checkpoints of the attempt are kept.',
  },
  REPORT_OUTPUT_UNREADABLE: {
    severity: 'low',
    recovery: 'fallback',
    retriable: false,
    meaning: 'What the model wrote could not be read as a section, even after mending.',
    remedy: 'The section is asked for once more, then written from a template. Look at the model that is configured.',
  },
  REPORT_OUTPUT_UNGROUNDED: {
    severity: 'medium',
    recovery: 'fallback',
    retriable: false,
    meaning: 'What the model wrote holds numbers that are none of the facts.',
    remedy: 'The section is asked for once more with the numbers named, then written from a template.',
  },
  REPORT_OUTPUT_REFUSED: {
    severity: 'medium',
    recovery: 'fallback',
    retriable: false,
    meaning: 'The model refused to write the section, or a filter removed its answer.',
    remedy: 'The section is written from a template. Reword the question.',
  },
  CHECKPOINT_TOO_LARGE: {
    severity: 'low',
    recovery: 'degrade',
    retriable: false,
    meaning: 'A section is larger than a checkpoint may be; it was not saved, the report goes on.',
    remedy: 'A restart before the report is finished asks for this section again.',
  },
  CHECKPOINT_DAMAGED: {
    severity: 'medium',
    recovery: 'degrade',
    retriable: false,
    meaning: 'A checkpoint does not match its checksum or its schema; it was ignored and its section is generated again.',
    remedy: 'If it repeats, look for other writers of `report_checkpoint:*` keys in that Redis.',
  },
});

type ReportingErrorCode = keyof typeof reportingErrorCodes;

class ReportingError extends NetraError {
  constructor(code: ReportingErrorCode, message: string, options?: NetraErrorOptions) {
    super(code, reportingErrorCodes[code], message, options);
  }
}

/** A newer attempt holds the run (C08). Reason of the abort signal of every attempt that lost it. */
export class StaleWriterError extends ReportingError {
  /** @param heldToken undefined where the refusing side did not say */
  constructor(what: string, token: number, heldToken?: number) {
    const holder = heldToken === undefined ? 'a later attempt' : `attempt ${heldToken}`;
    super('REPORT_STALE_WRITER', `${what}: refused, since ${holder} has taken over from attempt ${token}; this attempt stops.`, { context: { token, ...(heldToken === undefined ? {} : { heldToken }) } });
  }
}

/** D07: asks for the data helper. */
export class MissingDataError extends ReportingError {
  readonly missing: readonly string[];
  constructor(missing: readonly string[]) {
    super('REPORT_MISSING_DATA', `No report can be made without data; missing: ${missing.join('; ') || 'everything'}.`, { context: { missing } });
    this.missing = missing;
  }
}

/** D07: asks for another attempt after a backoff. */
export class TransientError extends ReportingError {
  constructor(message: string, options?: NetraErrorOptions) {
    super('REPORT_TRANSIENT', message, options);
  }
}

/** The model's text is no section: the reason says which rule it broke. */
export class UnreadableOutputError extends ReportingError {
  constructor(section: string, reason: string, options?: NetraErrorOptions) {
    super('REPORT_OUTPUT_UNREADABLE', `The model's ${section} is no section: ${reason}.`, options);
  }
}

export class UngroundedOutputError extends ReportingError {
  readonly ungrounded: readonly string[];
  constructor(section: string, ungrounded: readonly string[]) {
    super('REPORT_OUTPUT_UNGROUNDED', `The model's ${section} holds numbers that are no facts: ${ungrounded.slice(0, 20).join(', ')}.`, { context: { ungrounded } });
    this.ungrounded = ungrounded;
  }
}

export class RefusedOutputError extends ReportingError {
  constructor(section: string, finishReason: string) {
    super('REPORT_OUTPUT_REFUSED', `The model did not write ${section}: it ended with ${finishReason}.`, { context: { finishReason } });
  }
}

export class CheckpointTooLargeError extends ReportingError {
  constructor(section: string, bytes: number, limitBytes: number) {
    super('CHECKPOINT_TOO_LARGE', `Checkpoint of ${section} not saved: ${bytes} bytes, the limit is ${limitBytes}.`, { context: { bytes, limitBytes } });
  }
}

export class CheckpointDamagedError extends ReportingError {
  constructor(what: string, options?: NetraErrorOptions) {
    super('CHECKPOINT_DAMAGED', what, options);
  }
}
