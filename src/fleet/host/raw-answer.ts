import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { redact } from '../../core/secrets.ts';
import { errorBody } from '../agents/error-codes.ts';
import { correlationHeader } from './correlation-header.ts';

/** An error answer to what never became a request of the HTTP server, in the shape of all others; ends the connection. */
export function answerRaw(socket: Duplex, status: number, error: Error, correlationId: string): void {
  const body = redact(JSON.stringify(errorBody(error, correlationId)));
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'connection: close', 'content-type: application/json; charset=utf-8', `content-length: ${Buffer.byteLength(body)}`, `${correlationHeader}: ${correlationId}`];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
