import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { newCorrelationId } from '../../core/ids.ts';
import { AgentError, errorBody } from '../agents/error-codes.ts';
import { NetraError } from '../../core/errors.ts';
import { keepSecret, redact } from '../../core/secrets.ts';
import type { Logger } from '../agents/services.ts';
import { correlationHeader, correlationIdOf } from './correlation-header.ts';
import { answerRaw } from './raw-answer.ts';

export interface HttpServerOptions {
  /** Of every request but those to open routes; undefined where none is needed. */
  readonly token: string | undefined;
  readonly logger: Logger;
  /** Set once the host drains: it answers health checks and nothing else. @default never */
  readonly draining?: () => boolean;
  /** Larger bodies are answered with 413; a job with all its fact sheets stays far below. @default 16 MiB */
  readonly bodyLimitBytes?: number;
  /** For a whole request to arrive, body included; then 408. @default 30000 */
  readonly requestTimeoutMs?: number;
}

export interface HttpRequest {
  /** What the `*` segments of the route's path matched, decoded. */
  readonly segments: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly correlationId: string;
  /** Aborts when the client goes away before the answer. */
  readonly signal: AbortSignal;
  /** Parsed JSON; undefined without a body. Throws `REQUEST_INVALID`. */
  body(): Promise<unknown>;
}

export interface HttpAnswer {
  readonly status: number;
  /** An object is sent as JSON, a string as it is. */
  readonly body: object | string;
  readonly contentType?: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Literal segments and `*` for one segment: agents, any name, health. */
  readonly path: string;
  /** Open routes need no token: health checks. */
  readonly open?: boolean;
  handle(request: HttpRequest): Promise<HttpAnswer>;
}

/** Status of an error answer by its code; anything else is 500, or 503 where trying again may help. */
export const statusOfCode: Readonly<Record<string, number>> = {
  REQUEST_INVALID: 400,
  REQUEST_TOO_LARGE: 413,
  ACTION_INPUT_INVALID: 400,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  JOB_UNKNOWN: 404,
  AGENT_UNKNOWN: 404,
  ACTION_UNKNOWN: 404,
  JOB_CONFLICT: 409,
  READ_ONLY: 503,
  CALL_TIMEOUT: 504,
  DEADLINE_EXCEEDED: 504,
  AGENT_NO_REPLY: 504,
};

/** The fleet protocol's HTTP side: routes, token, correlation ids, errors in one shape. */
export class HttpServer {
  readonly server: Server;
  readonly #routes: readonly Route[];
  readonly #options: Required<HttpServerOptions>;
  /** The newest of each connection. */
  readonly #answers = new WeakMap<Duplex, ServerResponse>();

  constructor(routes: readonly Route[], options: HttpServerOptions) {
    keepSecret(options.token);
    this.#routes = routes;
    this.#options = { draining: () => false, bodyLimitBytes: 16 * 1024 * 1024, requestTimeoutMs: 30_000, ...options };
    const { requestTimeoutMs } = this.#options;
    const timeouts = { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs, connectionsCheckingInterval: Math.max(50, requestTimeoutMs / 10) };
    this.server = createServer(timeouts, (request, response) => void this.#answer(request, response));
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#refuse(error, socket));
  }

  /** Resolves with the port in use; rejects with a sentence where the port cannot be had. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** Whether a request carries the run's token; true where there is none to carry. */
  authorized(headers: IncomingMessage['headers'], url: URL): boolean {
    const { token } = this.#options;
    if (token === undefined) return true;
    const given = headers.authorization?.replace(/^Bearer /, '') ?? url.searchParams.get('token') ?? '';
    const expected = Buffer.from(token);
    const actual = Buffer.from(given);
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }

  /** Takes no more connections and waits for the answers under way; until `signal` aborts, which cuts them off. */
  async close(signal?: AbortSignal): Promise<void> {
    const cutOff = (): void => this.server.closeAllConnections();
    signal?.addEventListener('abort', cutOff, { once: true });
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      if (signal?.aborted === true) cutOff();
      else this.server.closeIdleConnections();
    });
    signal?.removeEventListener('abort', cutOff);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const correlationId = correlationIdOf(request.headers);
    this.#answers.set(request.socket, response);
    const { draining, bodyLimitBytes } = this.#options;
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(new Error('the client closed the connection'));
    });
    let answer: HttpAnswer;
    let text: string;
    try {
      const url = URL.parse(request.url ?? '/', 'http://host');
      if (url === null) throw new AgentError('REQUEST_INVALID', 'the request target is no path');
      const { route, segments } = this.#match(request.method ?? 'GET', url.pathname);
      if (route.open !== true && !this.authorized(request.headers, url)) throw new AgentError('UNAUTHORIZED', `${url.pathname} needs the bearer token of the run`);
      if (route.open !== true && draining()) throw new AgentError('AGENT_NOT_READY', 'the host is shutting down and takes no more requests');
      answer = await route.handle({ segments, headers: request.headers, correlationId, signal: gone.signal, body: () => readJson(request, bodyLimitBytes) });
      text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      // These quote what services said; answers to work are data.
      if (route.open === true || typeof answer.body === 'string') text = redact(text);
    } catch (error) {
      const body = errorBody(error, correlationId);
      const status = statusOfCode[body.error.code] ?? (error instanceof NetraError && error.retriable ? 503 : 500);
      if (status >= 500 && !gone.signal.aborted) this.#options.logger.warn('request failed', { method: request.method, path: pathOf(request.url), correlation_id: correlationId, error });
      answer = { status, body };
      text = redact(JSON.stringify(body));
    }
    if (response.destroyed || response.headersSent) return;
    const cutOff = answer.status === 413 || draining();
    response.writeHead(answer.status, {
      'content-type': answer.contentType ?? 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      [correlationHeader]: correlationId,
      // The rest of a body that is too large would have to be read before the next request.
      ...(cutOff ? { connection: 'close' } : {}),
    });
    response.end(text);
    // What was not read of a body must not stay in the way of the answer, or of the next request.
    request.resume();
  }

  /** What Node could not make a request of, or what did not arrive in time. */
  #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    // Too late to say anything: the client is gone, or an answer is on its way.
    if (!socket.writable || error.code === 'ECONNRESET' || this.#answers.get(socket)?.headersSent === true) return void socket.destroy();
    const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
    answerRaw(socket, status, new AgentError('REQUEST_INVALID', `the request cannot be read: ${error.message}`), newCorrelationId());
  }

  #match(method: string, pathname: string): { route: Route; segments: string[] } {
    const parts = pathname.split('/');
    for (const route of this.#routes) {
      const pattern = route.path.split('/');
      if (route.method !== method || pattern.length !== parts.length) continue;
      if (!pattern.every((segment, index) => segment === '*' || segment === parts[index])) continue;
      try {
        return { route, segments: parts.filter((_, index) => pattern[index] === '*').map(decodeURIComponent) };
      } catch (error) {
        throw new AgentError('REQUEST_INVALID', `the path ${pathname} is not well encoded`, { cause: error });
      }
    }
    throw new AgentError('NOT_FOUND', `${method} ${pathname}: no such path`);
  }
}

/** Without its query, which may hold the token. */
function pathOf(target: string | undefined): string | undefined {
  return target?.split('?')[0];
}

async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = Number(request.headers['content-length'] ?? 0);
  const tooLarge = (): AgentError => new AgentError('REQUEST_TOO_LARGE', `the body is larger than ${limitBytes} bytes`);
  if (bytes > limitBytes) throw tooLarge();
  bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw new AgentError('REQUEST_INVALID', `the body did not arrive: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (error) {
    throw new AgentError('REQUEST_INVALID', `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
