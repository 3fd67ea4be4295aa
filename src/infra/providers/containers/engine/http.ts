import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { abortReason } from '../../../../core/abort.ts';
import type { EngineAddress } from './address.ts';

/** What the engine answered with a status from 400 on: `{"message": …}`. */
export class EngineRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'EngineRefusal';
    this.status = status;
  }
}

export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves with the answer's head. Rejects with EngineRefusal, the connection's error, and the signal's reason, which also ends a body under way. */
export async function callEngine(address: EngineAddress, { method, path, body, signal }: EngineCall): Promise<IncomingMessage> {
  if (signal?.aborted === true) throw abortReason(signal);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // No agent: nothing is to stay open between two calls.
    const options = { ...address.connection, agent: false, method, path, headers: { host: 'docker', ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) } };
    const call: ClientRequest = address.secure ? httpsRequest(options, resolve) : httpRequest(options, resolve);
    const onAbort = (): void => void call.destroy(abortReason(signal as AbortSignal));
    signal?.addEventListener('abort', onAbort, { once: true });
    call.once('close', () => signal?.removeEventListener('abort', onAbort));
    call.once('error', reject);
    call.end(text);
  });
  // A body that breaks rejects whoever reads it; without a listener it would end the process where nobody reads.
  response.on('error', () => undefined);
  const status = response.statusCode ?? 0;
  if (status < 400) return response;
  throw new EngineRefusal(status, messageOf(await readText(response)) ?? `status ${status}`);
}

export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function messageOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { message?: string }).message;
  } catch {
    return body.trim() === '' ? undefined : body.trim().slice(0, 300); // A proxy's page, say.
  }
}
