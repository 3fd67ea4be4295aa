import type { ErrorRule } from './error-class.ts';
import { classOf, notReached, slowConnect } from './facts.ts';
import { factsOfStatus } from './http.ts';

const REFUSED = /^Unexpected server response: (\d{3})$/;

/** Handshake errors of `ws`; after the handshake its errors are those of the socket. */
export const websocketRule: ErrorRule = (error) => {
  if (typeof error.message !== 'string') return undefined;
  const status = REFUSED.exec(error.message)?.[1];
  const facts = status === undefined ? undefined : factsOfStatus(Number(status));
  if (facts !== undefined) return classOf({ ...facts, maybeExecuted: false }, 'websocket');
  if (error.message === 'Opening handshake has timed out') return classOf(slowConnect, 'websocket');
  if (error.message === 'WebSocket was closed before the connection was established') return classOf(notReached, 'websocket');
  return undefined;
};
