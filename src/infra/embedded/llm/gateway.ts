import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { listenOn } from '../listen.ts';
import { GatewayApi } from './gateway-api.ts';
import type { LlmGatewayOptions } from './gateway-options.ts';

export interface LlmGateway extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** OpenAI base URL: `http://127.0.0.1:43117/v1`. */
  readonly url: string;
  /** Ends open answers and resolves when the port is free. */
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** Throws InfraUnavailable where the port cannot be had, and the file system's error where the log cannot be opened. */
export async function startLlmGateway(options: LlmGatewayOptions): Promise<LlmGateway> {
  const api = new GatewayApi(options);
  const server = createServer((request, response) => api.handle(request, response));
  // For receiving a request; an answer may take as long as its model and its client allow.
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const { host, port } = await listenOn(server, 'The LLM gateway', options.host ?? '127.0.0.1', options.port ?? 0).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= shutDown());
  async function shutDown(): Promise<void> {
    const free = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await free;
    await api.close();
  }
  return { host, port, url: `http://${host}:${port}/v1`, close, [Symbol.asyncDispose]: close };
}
