import { asError, isNetraError } from '../../../core/errors.ts';
import { ConnectorError, type FleetErrorCode } from '../../error-codes.ts';

/** SQLSTATE classes and codes (PostgreSQL, appendix A) that say "not now" instead of "not so". */
const states: readonly (readonly [prefix: string, code: FleetErrorCode])[] = [
  ['08', 'DATABASE_UNAVAILABLE'], // connection exception
  ['57P', 'DATABASE_UNAVAILABLE'], // admin_shutdown, crash_shutdown, cannot_connect_now, idle session timeout
  ['58', 'DATABASE_UNAVAILABLE'], // system error outside PostgreSQL
  ['40', 'DATABASE_OVERLOADED'], // serialization failure, deadlock
  ['53', 'DATABASE_OVERLOADED'], // out of memory, disk full, too many connections
  ['55P03', 'DATABASE_OVERLOADED'], // lock not available
  ['25P03', 'DATABASE_OVERLOADED'], // idle in transaction for too long: the server has ended the session
  ['57014', 'DATABASE_OVERLOADED'], // statement timeout, or cancelled on request
];

const sqlState = /^[0-9A-Z]{5}$/;

/** The SQLSTATE of an error that the server itself sent; undefined for what the client or the network made up. */
function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || isNetraError(error)) return undefined;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && sqlState.test(code) && typeof severity === 'string' ? code : undefined;
}

/** Whether the server ends the session with this error: what it says of the statement, it says of the line too. */
export function endsSession(error: unknown): boolean {
  const { severity } = error as { severity?: unknown };
  return sqlStateOf(error) === undefined || severity === 'FATAL' || severity === 'PANIC';
}

/**
 * What pg threw, as a ConnectorError. A NetraError (an abort's reason, a timeout) passes unchanged.
 *
 * @param sent whether a statement may have reached the server: then a broken line says nothing about its fate
 */
export function toDatabaseError(thrown: unknown, doing: string, sent: boolean): Error {
  const error = asError(thrown);
  if (isNetraError(error)) return error;
  const state = sqlStateOf(error);
  const message = error.message === '' ? error.name : error.message;
  if (state === undefined) {
    if (error instanceof TypeError || error instanceof RangeError) return error;
    return new ConnectorError('DATABASE_UNAVAILABLE', `PostgreSQL is gone (${doing}): ${message}`, { cause: error, maybeExecuted: sent });
  }
  const code = states.find(([prefix]) => state.startsWith(prefix))?.[1] ?? 'DATABASE_REFUSED';
  return new ConnectorError(code, `PostgreSQL ${doing}: ${message} (SQLSTATE ${state})`, {
    cause: error,
    // A server that is going down (57P) may have done so after the commit.
    maybeExecuted: sent && code === 'DATABASE_UNAVAILABLE',
    context: { sqlstate: state },
  });
}
