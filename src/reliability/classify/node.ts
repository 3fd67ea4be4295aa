import type { ErrorClass, ErrorKind, ErrorRule } from './error-class.ts';

type Facts = Pick<ErrorClass, 'kind' | 'retriable' | 'maybeExecuted' | 'blame'>;

const notReached: Facts = { kind: 'connection', retriable: true, maybeExecuted: false, blame: 'dependency' };
/** The line broke after it stood: what was sent may have arrived. */
const broken: Facts = { kind: 'connection', retriable: true, maybeExecuted: true, blame: 'dependency' };
const slow: Facts = { kind: 'timeout', retriable: true, maybeExecuted: true, blame: 'dependency' };
const slowConnect: Facts = { kind: 'timeout', retriable: true, maybeExecuted: false, blame: 'dependency' };
const cancelled: Facts = { kind: 'cancelled', retriable: false, maybeExecuted: true, blame: 'not-asked' };
const local = (kind: ErrorKind): Facts => ({ kind, retriable: false, maybeExecuted: false, blame: 'none' });
/** This machine is short of something; waiting helps, the dependency is not to blame. */
const exhausted: Facts = { kind: 'unavailable', retriable: true, maybeExecuted: false, blame: 'not-asked' };

/** Codes of libuv, of Node's net, dns and tls, and of undici (which stands under `fetch`). */
const byCode: Readonly<Record<string, Facts>> = {
  ECONNREFUSED: notReached,
  ENOTFOUND: notReached,
  EAI_AGAIN: notReached,
  EHOSTUNREACH: notReached,
  ENETUNREACH: notReached,
  EHOSTDOWN: notReached,
  ENETDOWN: notReached,
  EADDRNOTAVAIL: notReached,
  ECONNRESET: broken,
  ECONNABORTED: broken,
  EPIPE: broken,
  ENOTCONN: broken,
  ESHUTDOWN: broken,
  ERR_STREAM_PREMATURE_CLOSE: broken,
  ERR_STREAM_WRITE_AFTER_END: broken,
  ERR_STREAM_DESTROYED: broken,
  ERR_SOCKET_CLOSED: broken,
  // The kernel gave up on a connect or on an established line; which of the two is not told.
  ETIMEDOUT: slow,
  ESOCKETTIMEDOUT: slow,
  EMFILE: exhausted,
  ENFILE: exhausted,
  EAGAIN: exhausted,
  EBUSY: exhausted,
  ENOENT: local('not-found'),
  EACCES: local('auth'),
  EPERM: local('auth'),
  EEXIST: local('conflict'),
  EINVAL: local('invalid'),
  EISDIR: local('invalid'),
  ENOTDIR: local('invalid'),
  ENOSPC: { kind: 'unavailable', retriable: false, maybeExecuted: true, blame: 'dependency' },
  EIO: { kind: 'unavailable', retriable: true, maybeExecuted: true, blame: 'dependency' },
  ABORT_ERR: cancelled,
  UND_ERR_ABORTED: cancelled,
  UND_ERR_SOCKET: broken,
  UND_ERR_CONNECT_TIMEOUT: slowConnect,
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  UND_ERR_CLOSED: notReached,
  UND_ERR_DESTROYED: broken,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: broken,
  UND_ERR_INVALID_ARG: local('invalid'),
  ERR_INVALID_URL: local('invalid'),
  HPE_INVALID_CONSTANT: broken,
};

/** A certificate that does not fit will not fit on the next attempt. */
const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

export const nodeRule: ErrorRule = (error, { classify }) => {
  if (typeof error.code === 'string') {
    const facts = byCode[error.code] ?? (TLS_CODE.test(error.code) ? ({ ...local('auth'), blame: 'dependency' } as const) : undefined);
    if (facts !== undefined) return { ...facts, retryAfterMs: undefined, source: 'node' };
  }
  // `AbortSignal.timeout` and an abort without a reason: DOMExceptions, whose `code` is a number.
  if (error.name === 'TimeoutError') return { ...slow, retryAfterMs: undefined, source: 'node' };
  if (error.name === 'AbortError') return { ...cancelled, retryAfterMs: undefined, source: 'node' };
  // A connect to several addresses fails with one error for each.
  if (error.name === 'AggregateError' && Array.isArray(error.errors) && error.errors.length > 0) return classify(error.errors[0]);
  // fetch hides every transport error in `cause` of a TypeError.
  if (error.name === 'TypeError' && typeof error.cause === 'object' && error.cause !== null && /fetch failed|terminated/.test(String(error.message))) {
    return classify(error.cause);
  }
  return undefined;
};
