import { connect } from 'node:net';
import type { Clock } from '../../../core/clock.ts';

/** Where a session runs and what authorises cancelling it; from BackendKeyData. */
export interface CancellableSession {
  readonly host: string;
  readonly port: number;
  readonly processId: number;
  readonly secretKey: number;
}

/**
 * Sends a CancelRequest (PostgreSQL protocol 3.0, 55.2.8) over a connection of its own:
 * `Int32 16 · Int32 80877102 · Int32 processId · Int32 secretKey`, each big-endian. The server gives
 * no answer. Closing the session's connection alone would not do: the server notices that only when
 * it writes, so a long statement would run on, holding its locks.
 *
 * Best effort within `timeoutMs`, never throws: the caller drops the session in any case.
 */
export function sendCancelRequest(clock: Clock, session: CancellableSession, timeoutMs: number): void {
  const packet = Buffer.alloc(16);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(80_877_102, 4);
  packet.writeInt32BE(session.processId, 8);
  packet.writeInt32BE(session.secretKey, 12);
  const address = session.host.startsWith('/') ? { path: `${session.host}/.s.PGSQL.${session.port}` } : { host: session.host, port: session.port };
  const socket = connect(address, () => socket.end(packet));
  const cancelTimer = clock.setTimer(timeoutMs, () => socket.destroy(), { keepAlive: false });
  // The server is gone, then: so is the statement.
  socket.on('error', () => socket.destroy());
  socket.on('close', cancelTimer);
  socket.resume();
  socket.unref();
}
