import type { ErrorRule } from './error-class.ts';
import { broken, cancelled, classOf, crashed, exhausted, notReached, refusedAs, slow, slowConnect, type Facts } from './facts.ts';

/** Codes of libuv, of Node's net, dns, tls and fs, and of undici (which stands under `fetch`). */
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
  ETIMEDOUT: slow,
  ESOCKETTIMEDOUT: slow,
  EMFILE: exhausted,
  ENFILE: exhausted,
  EAGAIN: exhausted,
  EBUSY: exhausted,
  ENOENT: refusedAs('not-found'),
  EACCES: refusedAs('auth'),
  EPERM: refusedAs('auth'),
  EEXIST: refusedAs('conflict'),
  EINVAL: refusedAs('invalid'),
  EISDIR: refusedAs('invalid'),
  ENOTDIR: refusedAs('invalid'),
  ENOSPC: { ...crashed, retriable: false },
  EIO: crashed,
  ABORT_ERR: cancelled,
  UND_ERR_ABORTED: cancelled,
  UND_ERR_SOCKET: broken,
  UND_ERR_CONNECT_TIMEOUT: slowConnect,
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  UND_ERR_CLOSED: notReached,
  UND_ERR_DESTROYED: broken,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: broken,
  UND_ERR_INVALID_ARG: refusedAs('invalid'),
  ERR_INVALID_URL: refusedAs('invalid'),
};

/** A certificate that does not fit will not fit on the next attempt. */
const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
const badCertificate: Facts = { ...refusedAs('auth'), blame: 'dependency' };

export const nodeRule: ErrorRule = (error, { classify }) => {
  // The kernel gives up on a connect and on an established line with the same code; only a connect has sent nothing.
  if (error.code === 'ETIMEDOUT' && error.syscall === 'connect') return classOf(slowConnect, 'node');
  if (typeof error.code === 'string') {
    const facts = Object.hasOwn(byCode, error.code) ? byCode[error.code] : TLS_CODE.test(error.code) ? badCertificate : undefined;
    if (facts !== undefined) return classOf(facts, 'node');
  }
  // `AbortSignal.timeout` and an abort without a reason: DOMExceptions, whose `code` is a number.
  if (error.name === 'TimeoutError') return classOf(slow, 'node');
  if (error.name === 'AbortError') return classOf(cancelled, 'node');
  // What answered does not speak HTTP; its code is that of llhttp, when it has one.
  if (error.name === 'HTTPParserError') return classOf(broken, 'node');
  // A connect to several addresses fails with one error for each.
  if (error.name === 'AggregateError' && Array.isArray(error.errors) && error.errors.length > 0) return classify(error.errors[0]);
  // The fetch standard forbids some ports; nothing was tried.
  if (error.message === 'bad port') return classOf(refusedAs('invalid'), 'node');
  // fetch hides every transport error in `cause` of a TypeError.
  if (error.name === 'TypeError' && typeof error.cause === 'object' && error.cause !== null) return classify(error.cause);
  return undefined;
};
