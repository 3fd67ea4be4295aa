import { retryAfterMsFromHeaders } from '../retry/retry-after.ts';
import type { ErrorRule } from './error-class.ts';
import { broken, cancelled, classOf, contended, crashed, notReached, rateLimited, refusedAs, slow, unavailable, type Facts } from './facts.ts';

const byStatus: Readonly<Record<number, Facts>> = {
  401: refusedAs('auth'),
  403: refusedAs('auth'),
  404: refusedAs('not-found'),
  407: refusedAs('auth'),
  // The server gave up waiting for the rest of the request.
  408: { ...slow, maybeExecuted: false },
  409: refusedAs('conflict'),
  410: refusedAs('not-found'),
  412: refusedAs('conflict'),
  423: contended,
  425: contended,
  429: rateLimited,
  501: refusedAs('invalid'),
  503: unavailable,
  504: slow,
  505: refusedAs('invalid'),
  // "Overloaded", used by providers of language models.
  529: unavailable,
};

/** What a status says, for those who hold a response and no error. */
export function factsOfStatus(status: number): Facts | undefined {
  if (status < 400 || status > 599) return undefined;
  return byStatus[status] ?? (status >= 500 ? crashed : refusedAs('invalid'));
}

/** Errors that carry an HTTP status, and those of the openai client, whose `name` is always "Error". */
export const httpRule: ErrorRule = (error, { classify, wallNowMs }) => {
  const status = typeof error.status === 'number' ? error.status : error.statusCode;
  if (typeof status === 'number') {
    const facts = factsOfStatus(status);
    if (facts === undefined) return undefined;
    // The quota of the month does not come back within a retry.
    if (error.code === 'insufficient_quota') return classOf({ ...facts, retriable: false }, 'http');
    return classOf({ ...facts, retriable: serverSays(error.headers) ?? facts.retriable }, 'http', retryAfterMsFromHeaders(error.headers, wallNowMs));
  }
  if (!('requestID' in error)) return undefined;
  // An openai error without a status: there was no answer.
  switch (error.constructor.name) {
    case 'APIConnectionTimeoutError':
      return classOf(slow, 'http');
    case 'APIUserAbortError':
      return error.cause === undefined ? classOf(cancelled, 'http') : classify(error.cause);
    case 'APIConnectionError':
      return error.cause === undefined ? classOf(notReached, 'http') : classify(error.cause);
    default:
      // An error event in the middle of a stream.
      return classOf(error.type === 'rate_limit_error' || error.code === 'rate_limit_exceeded' ? rateLimited : error.type === 'invalid_request_error' ? refusedAs('invalid') : broken, 'http');
  }
};

/** OpenAI's servers overrule the status with this header. */
function serverSays(headers: unknown): boolean | undefined {
  if (!(headers instanceof Headers)) return undefined;
  const value = headers.get('x-should-retry');
  return value === 'true' ? true : value === 'false' ? false : undefined;
}
