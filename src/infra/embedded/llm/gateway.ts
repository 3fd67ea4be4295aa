import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Endpoint } from '../../provider.ts';
import { listenOn } from '../listen.ts';
import { ApiError } from './api-error.ts';
import { GatewayApi } from './gateway-api.ts';
import type { LlmGatewayOptions } from './gateway-options.ts';
import { sendError } from './http-io.ts';

export interface LlmGateway extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** OpenAI base URL: `http://127.0.0.1:43117/v1`. */
  readonly url: string;
  /** Where `alsoHost` was asked for. */
  readonly also: Endpoint | undefined;
  /** Ends open answers and resolves when the port is free. */
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** Throws InfraUnavailable where a port cannot be had, and the file system's error where the log cannot be opened. */
export async function startLlmGateway(options: LlmGatewayOptions): Promise<LlmGateway> {
  const api = new GatewayApi(options);
  const sockets = new Set<Socket>();
  const main = serverFor((request, response) => api.handle(request, response), sockets);
  const second = serverFor((request, response) => (isModelPath(request) ? api.handle(request, response) : sendError(response, notHere(request))), sockets);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= shutDown());
  async function shutDown(): Promise<void> {
    // A server that does not listen says so to the callback, and is free.
    const free = [main, second].map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of sockets) socket.destroy();
    await Promise.all(free);
    await api.close();
  }
  try {
    const { host, port } = await listenOn(main, 'The LLM gateway', options.host ?? '127.0.0.1', options.port ?? 0);
    const also = options.alsoHost === undefined ? undefined : await listenOn(second, 'The LLM gateway', options.alsoHost, 0);
    return { host, port, url: `http://${host}:${port}/v1`, also, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function serverFor(handle: (request: IncomingMessage, response: ServerResponse) => void, sockets: Set<Socket>): Server {
  const server = createServer(handle);
  // For receiving a request; an answer may take as long as its model and its client allow.
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return server;
}

function isModelPath({ url = '' }: IncomingMessage): boolean {
  return url.startsWith('/v1/');
}

function notHere({ method, url }: IncomingMessage): ApiError {
  return new ApiError(404, 'invalid_request_error', `Invalid URL (${method} ${url})`);
}
