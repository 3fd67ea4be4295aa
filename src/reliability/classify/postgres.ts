import type { ErrorRule } from './error-class.ts';
import { broken, classOf, contended, crashed, misuse, notReached, refusedAs, slow, slowConnect, unavailable, type Facts } from './facts.ts';

/** SQLSTATE codes of PostgreSQL's appendix A. A statement that failed with one was rolled back, unless the server itself went away. */
const byState: Readonly<Record<string, Facts>> = {
  '08001': notReached,
  '08004': notReached,
  '25006': unavailable, // a standby that has not been promoted yet
  '25P03': { ...slow, maybeExecuted: false, blame: 'none' }, // we left a transaction open too long
  '40003': crashed, // "statement completion unknown"
  '42501': refusedAs('auth'),
  '53100': { ...unavailable, retriable: false }, // disk full
  '55P03': contended,
  '55006': contended,
  '57014': { ...slow, maybeExecuted: false }, // cancelled, normally by statement_timeout
  '57P01': crashed,
  '57P02': crashed,
  '57P03': unavailable,
  '57P05': notReached, // closed for idleness before it was asked
};

const byClass: Readonly<Record<string, Facts>> = {
  '08': broken,
  '23': refusedAs('conflict'),
  '28': refusedAs('auth'),
  '40': contended,
  '53': unavailable,
  '58': unavailable,
  XX: { ...unavailable, retriable: false },
};

/** pg tells its own failures by message alone; the messages of pg 8 and pg-pool 3. */
const byMessage: readonly (readonly [RegExp, Facts])[] = [
  [/^Connection terminated due to connection timeout$/, slowConnect],
  [/^timeout expired$/, slowConnect],
  // The pool had no client to spare in time, or could not make one.
  [/^timeout exceeded when trying to connect$/, slowConnect],
  [/^Query read timeout$/, slow],
  [/^Connection terminated/, broken],
  [/^Client has encountered a connection error and is not queryable$/, notReached],
  [/^Client was closed and is not queryable$|^Cannot use a pool after calling end on the pool$/, misuse],
  [/^Received unexpected \w+ message from backend/, broken],
];

export const postgresRule: ErrorRule = (error) => {
  if (typeof error.code === 'string' && typeof error.severity === 'string' && /^[0-9A-Z]{5}$/.test(error.code)) {
    return classOf(byState[error.code] ?? byClass[error.code.slice(0, 2)] ?? refusedAs('invalid'), 'postgres');
  }
  if (typeof error.message !== 'string') return undefined;
  for (const [pattern, facts] of byMessage) {
    if (pattern.test(error.message)) return classOf(facts, 'postgres');
  }
  return undefined;
};
