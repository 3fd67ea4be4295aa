import type { ErrorRule } from './error-class.ts';
import { broken, classOf, contended, misuse, notReached, refusedAs, slow, unavailable, type Facts } from './facts.ts';

/** First word of an error reply; Redis documents these, and nothing else of the text. */
const byReplyCode: Readonly<Record<string, Facts>> = {
  LOADING: unavailable,
  BUSY: unavailable,
  MASTERDOWN: unavailable,
  CLUSTERDOWN: unavailable,
  TRYAGAIN: unavailable,
  NOREPLICAS: unavailable,
  READONLY: unavailable,
  // Full for everybody until somebody makes room.
  OOM: { ...unavailable, retriable: false },
  MISCONF: { ...unavailable, retriable: false },
  MOVED: unavailable,
  ASK: unavailable,
  NOAUTH: refusedAs('auth'),
  WRONGPASS: refusedAs('auth'),
  NOPERM: refusedAs('auth'),
  EXECABORT: contended,
  NOSCRIPT: refusedAs('not-found'),
};

/** ioredis tells most of its own failures by message alone; the messages of version 5 and 6. */
const byMessage: readonly (readonly [RegExp, Facts])[] = [
  [/^Stream isn't writeable and enableOfflineQueue options is false/, notReached],
  // Also what a command in flight gets when the client gives up on reconnecting.
  [/^Connection is closed\.$/, broken],
  [/^Command aborted due to connection close/, broken],
  [/^Command timed out$/, slow],
  [/^Socket timeout\. Expecting data/, slow],
  [/^Unknown RESP type|^Protocol error/, broken],
  [/^Failed to refresh slots cache/, notReached],
  [/^Connection in subscriber mode|^Redis is already connecting/, misuse],
];

export const redisRule: ErrorRule = (error) => {
  if (typeof error.message !== 'string') return undefined;
  if (error.name === 'ReplyError') {
    const code = error.message.split(' ', 1)[0] ?? '';
    return classOf(byReplyCode[code] ?? refusedAs('invalid'), 'redis');
  }
  if (error.name === 'MaxRetriesPerRequestError') return classOf(broken, 'redis');
  if (error.name === 'ParserError') return classOf(broken, 'redis');
  for (const [pattern, facts] of byMessage) {
    if (pattern.test(error.message)) return classOf(facts, 'redis');
  }
  return undefined;
};
