import { NetraError, defineErrorCodes, type NetraErrorOptions } from '../core/errors.ts';

/** Rows of the connectors; the other parts of the fleet keep theirs in the same table. */
export const fleetErrorCodes = defineErrorCodes({
  DATABASE_UNAVAILABLE: {
    severity: 'critical',
    recovery: 'fallback',
    retriable: true,
    meaning: 'PostgreSQL could not be reached, or the connection broke before an answer came.',
    remedy: 'Look at `/health/detailed` of the host; with the fallback on, the next statement runs on SQLite.',
  },
  DATABASE_OVERLOADED: {
    severity: 'high',
    recovery: 'retry',
    retriable: true,
    meaning: 'The database answered, but could not do the work now: a lock, a serialization conflict, or no connection slot left.',
    remedy: 'Try again after a moment; if it persists, look at what holds the locks (`pg_stat_activity`).',
  },
  DATABASE_REFUSED: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'The database understood the request and refused it: bad SQL, a missing table, a violated constraint.',
    remedy: 'Read the message: it names the statement and the SQLSTATE. Trying again unchanged gives the same answer.',
  },
  DATABASE_FALLBACK_OFF: {
    severity: 'critical',
    recovery: 'fail',
    retriable: true,
    meaning: 'PostgreSQL is gone and the SQLite fallback is switched off.',
    remedy: 'Bring PostgreSQL back, or start without `--control`.',
  },
  DATABASE_FALLBACK_BROKEN: {
    severity: 'critical',
    recovery: 'fail',
    retriable: true,
    meaning: 'PostgreSQL is gone and the SQLite file of the fallback could not be opened or filled.',
    remedy: 'Check that the state folder of the host is writable and its disk is not full; the message names the file.',
  },
  DATABASE_UNRECORDED_WRITE: {
    severity: 'medium',
    recovery: 'fail',
    retriable: true,
    meaning: 'A plain write was tried while SQLite stands in for PostgreSQL: it would never reach PostgreSQL.',
    remedy: 'Use `recordWrite` for what must survive, or wait until PostgreSQL is back.',
  },
  KAFKA_UNAVAILABLE: {
    severity: 'high',
    recovery: 'retry',
    retriable: true,
    meaning: 'Kafka could not be reached, or gave no answer in time; the messages may or may not have been stored.',
    remedy: 'Wait until `/health/detailed` of the host shows Kafka up again; agents answer direct HTTP calls meanwhile.',
  },
  KAFKA_REFUSED: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'Kafka understood the request and refused it for good: too large a message, no such topic, no permission.',
    remedy: 'Read the message: it names the topic and the broker\'s answer.',
  },
  KAFKA_MESSAGE_INVALID: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'A message does not fit the schema of its topic, or names a topic that nobody defined.',
    remedy: 'Correct the sender; received ones are kept in `<topic>.dead-letter` with the reason in their headers.',
  },
  KAFKA_PARTITION_LOST: {
    severity: 'low',
    recovery: 'retry',
    retriable: true,
    meaning: 'Work on a message was stopped because its partition went to another member of the group, or the consumer was stopped.',
    remedy: 'None needed: the member that has the partition now gets the message again.',
  },
  REDIS_UNAVAILABLE: {
    severity: 'medium',
    recovery: 'degrade',
    retriable: true,
    meaning: 'Redis could not be reached, or the connection broke before an answer came; the command may have been carried out.',
    remedy: 'Work goes on without it; `/health/detailed` of the host shows when it is back.',
  },
  REDIS_REFUSED: {
    severity: 'medium',
    recovery: 'degrade',
    retriable: false,
    meaning: 'Redis understood the command and refused it: wrong type, out of memory, read-only replica, script error.',
    remedy: 'Read the message; `OOM` needs more `maxmemory`, `READONLY` another address.',
  },
  LLM_UNAVAILABLE: {
    severity: 'high',
    recovery: 'retry',
    retriable: true,
    meaning: 'The model could not be reached, answered with a server error, or broke off the answer.',
    remedy: 'Tried again by itself; if it persists, look at the provider\'s status, or use another `--llm-url`.',
  },
  LLM_RATE_LIMITED: {
    severity: 'medium',
    recovery: 'retry',
    retriable: true,
    meaning: 'The model\'s provider asks for fewer requests.',
    remedy: 'Tried again after the time that the provider names; lower `--concurrency` if it persists.',
  },
  LLM_STALLED: {
    severity: 'high',
    recovery: 'retry',
    retriable: true,
    meaning: 'The stream of an answer stayed open, but no text came for too long.',
    remedy: 'Tried again by itself; raise the idle timeout for a model that thinks for long.',
  },
  LLM_INCOMPLETE: {
    severity: 'high',
    recovery: 'retry',
    retriable: true,
    meaning: 'An answer ended without a finish reason, was empty, or was not what the protocol allows.',
    remedy: 'Tried again by itself; if it persists, the gateway in between cuts or mangles answers.',
  },
  LLM_QUOTA_EXHAUSTED: {
    severity: 'critical',
    recovery: 'fallback',
    retriable: false,
    meaning: 'The account at the provider has no quota or credit left: waiting does not help.',
    remedy: 'Add credit or use another key; reports are made from templates meanwhile.',
  },
  LLM_REFUSED: {
    severity: 'high',
    recovery: 'fallback',
    retriable: false,
    meaning: 'The provider refuses this request for good: bad key, unknown model, malformed or too large a request.',
    remedy: 'Read the message: it holds the provider\'s own words; check the key in the environment, `--llm-url` and `--llm-model`.',
  },
  LLM_CONTENT_FILTERED: {
    severity: 'medium',
    recovery: 'fallback',
    retriable: false,
    meaning: 'The provider\'s filter or the model itself declined to answer this request.',
    remedy: 'The section is made from its template; look at the question and at the data if that is unexpected.',
  },
});

export type FleetErrorCode = keyof typeof fleetErrorCodes;

/** Common to the connectors' errors: what may have happened on the other side. */
export interface ConnectorErrorOptions extends NetraErrorOptions {
  /** The other side may have carried the request out: only what is idempotent is tried again. @default false */
  readonly maybeExecuted?: boolean;
}

/** An external service failed or refused; `code` says which and how, `retriable` whether trying again makes sense. */
export class ConnectorError extends NetraError {
  declare readonly code: FleetErrorCode;
  readonly maybeExecuted: boolean;

  constructor(code: FleetErrorCode, message: string, options: ConnectorErrorOptions = {}) {
    super(code, fleetErrorCodes[code], message, options);
    this.maybeExecuted = options.maybeExecuted ?? false;
  }
}
