import type { IncomingMessage, ServerResponse } from 'node:http';
import { abortReason, raceAbort } from '../../../core/abort.ts';
import { asError } from '../../../core/errors.ts';
import { ApiError } from './api-error.ts';
import type { LlmReply } from './llm-call.ts';

/** Throws ApiError 413 above `maxBytes`; the rest of such a body is read and dropped, so that the client sees the answer. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > maxBytes) throw new ApiError(413, 'invalid_request_error', `Request body too large: ${bytes} bytes, at most ${maxBytes} are read.`, { code: 'request_too_large' });
  return Buffer.concat(chunks).toString('utf8');
}

export function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Sends the pieces as they come, at the client's speed. Rejects with the signal's reason when the client leaves,
 * and with the body's own error when that breaks; the body is told in both cases that nobody reads on.
 */
export async function sendReply(response: ServerResponse, reply: Omit<LlmReply, 'usage'>, requestId: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const flush = gatheringFlush(response);
  flush();
  response.writeHead(reply.status, { 'x-request-id': requestId, ...reply.headers });
  response.flushHeaders();
  const pieces = reply.body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await raceAbort(Promise.resolve(pieces.next()), signal);
      if (next.done === true) break;
      flush();
      if (!response.write(next.value)) await drained(response, signal);
    }
  } catch (error) {
    // Not awaited: a body that hangs must not hold the call.
    Promise.resolve(pieces.return?.()).catch(() => undefined);
    throw error;
  }
  await raceAbort(new Promise<void>((resolve) => response.end(() => resolve())), signal);
}

/**
 * What is written in one turn of the event loop goes out as one packet. The socket is corked and not the
 * response: a corked chunked response that is ended loses what it held (Node 24).
 */
function gatheringFlush({ socket }: ServerResponse): () => void {
  let gathering = false;
  return () => {
    if (gathering || socket === null) return;
    gathering = true;
    socket.cork();
    setImmediate(() => {
      gathering = false;
      socket.uncork();
    });
  };
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      response.removeListener('drain', onDrain);
      reject(abortReason(signal));
    };
    const onDrain = (): void => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    response.once('drain', onDrain);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

export function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Answers with an OpenAI error body and returns the status; anything but ApiError is a fault of ours and a 500. */
export function sendError(response: ServerResponse, error: unknown, requestId?: string): number {
  const failure = error instanceof ApiError ? error : new ApiError(500, 'server_error', `The gateway failed: ${asError(error).message}`, { cause: error });
  if (response.headersSent) {
    response.destroy();
    return failure.status;
  }
  if (requestId !== undefined) response.setHeader('x-request-id', requestId);
  sendText(response, failure.status, 'application/json', failure.toBody());
  return failure.status;
}
