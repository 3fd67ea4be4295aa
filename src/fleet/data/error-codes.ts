import { NetraError, defineErrorCodes, type NetraErrorOptions } from '../../core/errors.ts';

export const dataErrorCodes = defineErrorCodes({
  RECORD_NOT_FOUND: {
    severity: 'low',
    recovery: 'fail',
    retriable: false,
    meaning: 'A question names a record that the business data does not hold.',
    remedy: 'Check the id; `rejected` in the run\'s data summary lists rows that could not be used.',
  },
  DATA_MISSING: {
    severity: 'medium',
    recovery: 'degrade',
    retriable: false,
    meaning: 'A question needs a table that was not given, or holds nothing.',
    remedy: 'Add the table to the folder that `--data` names (docs/data.md), or ask something else.',
  },
});

/** No record of that id: the question was wrong, not the system. */
export class RecordNotFoundError extends NetraError {
  constructor(message: string, options?: NetraErrorOptions) {
    super('RECORD_NOT_FOUND', dataErrorCodes.RECORD_NOT_FOUND, message, options);
  }
}

/** The table that would hold the answer is not there, which is something else than an answer of none. */
export class DataMissingError extends NetraError {
  constructor(message: string, options?: NetraErrorOptions) {
    super('DATA_MISSING', dataErrorCodes.DATA_MISSING, message, options);
  }
}
