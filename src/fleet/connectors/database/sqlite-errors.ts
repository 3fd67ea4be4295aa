import { asError, isNetraError } from '../../../core/errors.ts';
import { ConnectorError, type FleetErrorCode } from '../../error-codes.ts';

/** Primary result codes (sqlite.org/rescode.html), the low byte of `errcode`. */
const results: Readonly<Record<number, FleetErrorCode>> = {
  5: 'DATABASE_OVERLOADED', // BUSY
  6: 'DATABASE_OVERLOADED', // LOCKED
  8: 'DATABASE_UNRECORDED_WRITE', // READONLY: the reading connection, see SqliteDatabase
  10: 'DATABASE_FALLBACK_BROKEN', // IOERR
  11: 'DATABASE_FALLBACK_BROKEN', // CORRUPT
  13: 'DATABASE_FALLBACK_BROKEN', // FULL
  14: 'DATABASE_FALLBACK_BROKEN', // CANTOPEN
  26: 'DATABASE_FALLBACK_BROKEN', // NOTADB
};

/** What node:sqlite threw, as a ConnectorError; anything else passes unchanged. */
export function toSqliteError(thrown: unknown, file: string): Error {
  const error = asError(thrown);
  if (isNetraError(error)) return error;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number') return error;
  return new ConnectorError(results[errcode & 0xff] ?? 'DATABASE_REFUSED', `SQLite (${file}): ${error.message}`, { cause: error, context: { errcode } });
}
