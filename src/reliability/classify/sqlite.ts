import type { ErrorRule } from './error-class.ts';
import { classOf, contended, crashed, refusedAs, unavailable, type Facts } from './facts.ts';

/** Primary result codes of SQLite ("Result and Error Codes"); the extended ones keep them in the low byte. */
const byResult: Readonly<Record<number, Facts>> = {
  3: refusedAs('auth'),
  5: contended, // BUSY
  6: contended, // LOCKED
  8: refusedAs('auth'), // READONLY
  10: crashed, // IOERR
  11: { ...crashed, retriable: false }, // CORRUPT
  13: { ...unavailable, retriable: false }, // FULL
  14: unavailable, // CANTOPEN
  19: refusedAs('conflict'),
  23: refusedAs('auth'),
  26: { ...unavailable, retriable: false }, // NOTADB
};

/** Errors of `node:sqlite`. */
export const sqliteRule: ErrorRule = (error) => {
  if (error.code !== 'ERR_SQLITE_ERROR' || typeof error.errcode !== 'number') return undefined;
  return classOf(byResult[error.errcode & 0xff] ?? refusedAs('invalid'), 'sqlite');
};
