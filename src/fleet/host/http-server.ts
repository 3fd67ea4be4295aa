import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newCorrelationId } from '../../core/ids.ts';
import { AgentError, errorBody } from '../agents/error-codes.ts';
import { NetraError } from '../../core/errors.ts';
import type { Logger } from '../agents/services.ts';

const bodyLimitBytes = 16 * 1024 * 1024;

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
const statusOf: Readonly<Record<string, number>> = {
  REQUEST_INVALID: 400,
  ACTION_INPUT_INVALID: 400,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  JOB_UNKNOWN: 404,
  AGENT_UNKNOWN: 404,
  ACTION_UNKNOWN: 404,
  JOB_CONFLICT: 409,
  READ_ONLY: 503,
};

/** The fleet protocol's HTTP side: routes, token, correlation ids, errors in one shape. */
export class HttpServer {
  readonly server: Server;
  readonly #routes: readonly Route[];
  readonly #token: string | undefined;
  readonly #logger: Logger;

  constructor(routes: readonly Route[], token: string | undefined, logger: Logger) {
    this.#routes = routes;
    this.#token = token;
    this.#logger = logger;
    this.server = createServer((request, response) => void this.#answer(request, response));
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
    if (this.#token === undefined) return true;
    const given = headers.authorization?.replace(/^Bearer /, '') ?? url.searchParams.get('token') ?? '';
    const expected = Buffer.from(this.#token);
    const actual = Buffer.from(given);
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeIdleConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const header = request.headers['x-correlation-id'];
    const correlationId = typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header) ? header : newCorrelationId();
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(new Error('the client closed the connection'));
    });
    let answer: HttpAnswer;
    try {
      const url = new URL(request.url ?? '/', 'http://host');
      const { route, segments } = this.#match(request.method ?? 'GET', url.pathname);
      if (route.open !== true && !this.authorized(request.headers, url)) throw new AgentError('UNAUTHORIZED', `${url.pathname} needs the bearer token of the run`);
      answer = await route.handle({ segments, headers: request.headers, correlationId, signal: gone.signal, body: () => readJson(request) });
    } catch (error) {
      const body = errorBody(error, correlationId);
      const status = statusOf[body.error.code] ?? (error instanceof NetraError && error.retriable ? 503 : 500);
      if (status >= 500) this.#logger.warn('request failed', { method: request.method, path: request.url, correlation_id: correlationId, error });
      answer = { status, body };
    }
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      'content-type': answer.contentType ?? 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'x-correlation-id': correlationId,
    });
    response.end(text);
    // What was not read of a body must not stay in the way of the next request.
    request.resume();
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

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimitBytes) throw new AgentError('REQUEST_INVALID', `the body is larger than ${bodyLimitBytes} bytes`);
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (error) {
    throw new AgentError('REQUEST_INVALID', `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
