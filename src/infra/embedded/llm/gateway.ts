import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import { newCorrelationId } from '../../../core/ids.ts';
import { listenOn } from '../listen.ts';
import { ApiError, unknownModel } from './api-error.ts';
import { createBuiltinModel } from './builtin/model.ts';
import { parseChatRequest, type ChatRequest } from './chat-request.ts';
import { createForwardModel } from './forward.ts';
import { headerText, readBody, sendError, sendReply, sendText } from './http-io.ts';
import { composeHandler, type LlmHandler, type LlmMiddleware, type LlmReply } from './llm-call.ts';
import { RequestLog, type CallOutcome, type LogSubject } from './request-log.ts';
import { Upstream } from './upstream.ts';
import { modelBody, modelList } from './wire.ts';

export interface LlmGatewayOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0, the system chooses */
  readonly port?: number;
  /** NDJSON file, started anew. */
  readonly logPath: string;
  /** What clients have to send as bearer token; without it any will do. */
  readonly apiKey?: string;
  /** The model's name as clients ask for it. @default 'netra-builtin' */
  readonly model?: string;
  /** Seed of the built-in model. @default '0' */
  readonly seed?: string;
  /** Built-in model: milliseconds to the first token. @default 0 */
  readonly latencyMs?: number;
  /** Built-in model: speed after the first token; 0 = unlimited. @default 0 */
  readonly tokensPerSecond?: number;
  /** Forwards to another OpenAI-compatible server instead of answering itself. */
  readonly forward?: {
    /** Base URL: `https://host/v1`. */
    readonly baseUrl: string;
    readonly apiKey?: string;
    /** The upstream's names by the clients'; null = the first that it lists. A name that is not in it is passed on as it is. */
    readonly models?: Readonly<Record<string, string | null>>;
    /** For one answer from request to last byte. @default 600000 */
    readonly timeoutMs?: number;
  };
  /** Between HTTP and the model, the first outermost. */
  readonly middleware?: readonly LlmMiddleware[];
  /** Bytes of a request body. @default 4194304 */
  readonly maxBodyBytes?: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Told once, in a sentence, when the log can no longer be written. */
  readonly onWarning?: (message: string) => void;
}

export interface LlmGateway extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** OpenAI base URL: `http://127.0.0.1:43117/v1`. */
  readonly url: string;
  /** Ends open answers and resolves when the port is free. */
  close(): Promise<void>;
}

export const BUILTIN_MODEL = 'netra-builtin';
const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;
const DEFAULT_UPSTREAM_TIMEOUT_MS = 600_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** Throws InfraUnavailable where the port cannot be had, and the file system's error where the log cannot be opened. */
export async function startLlmGateway(options: LlmGatewayOptions): Promise<LlmGateway> {
  const gateway = new Gateway(options);
  const server = createServer((request, response) => void gateway.handle(request, response));
  // For receiving a request; an answer may take as long as its model and its client allow.
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const { host, port } = await listenOn(server, 'The LLM gateway', options.host ?? '127.0.0.1', options.port ?? 0).catch((error: unknown) => {
    gateway.close();
    throw error;
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= new Promise((resolve) => {
      server.close(() => {
        gateway.close();
        resolve();
      });
      for (const socket of sockets) socket.destroy();
    }));
  return { host, port, url: `http://${host}:${port}/v1`, close, [Symbol.asyncDispose]: close };
}

class Gateway {
  readonly #options: LlmGatewayOptions;
  readonly #clock: Clock;
  readonly #model: string;
  readonly #log: RequestLog;
  readonly #upstream: Upstream | undefined;
  readonly #answer: LlmHandler;

  constructor(options: LlmGatewayOptions) {
    const { forward, seed = '0', latencyMs = 0, tokensPerSecond = 0 } = options;
    const clock = options.clock ?? systemClock;
    const model = options.model ?? BUILTIN_MODEL;
    this.#options = options;
    this.#clock = clock;
    this.#model = model;
    this.#upstream = forward && new Upstream({ timeoutMs: DEFAULT_UPSTREAM_TIMEOUT_MS, models: {}, ...forward, clock });
    const answering = this.#upstream ? createForwardModel(this.#upstream) : createBuiltinModel({ model, seed, latencyMs, tokensPerSecond, clock });
    this.#answer = composeHandler(answering, options.middleware ?? []);
    this.#log = new RequestLog(options.logPath, (error) =>
      options.onWarning?.(`The log of LLM calls ${options.logPath} cannot be written: ${asError(error).message}. Calls go on, but unrecorded.`),
    );
  }

  close(): void {
    this.#log.close();
  }

  /** Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('the client closed the connection')));
    try {
      await this.#route(request, response, gone.signal);
    } catch (error) {
      if (!gone.signal.aborted) sendError(response, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gateway');
    if (pathname === '/v1/chat/completions') {
      requireMethod(request, 'POST', pathname);
      await this.#complete(request, response, signal);
    } else if (pathname === '/v1/models' || pathname.startsWith('/v1/models/')) {
      requireMethod(request, 'GET', pathname);
      this.#requireKey(request);
      await this.#sendModels(pathname.slice('/v1/models/'.length), response, signal);
    } else if (pathname === '/netra/log') {
      requireMethod(request, 'GET', pathname);
      await this.#sendLog(Number(searchParams.get('since') ?? '0'), response, signal);
    } else {
      throw new ApiError(404, 'invalid_request_error', `Invalid URL (${request.method} ${pathname})`);
    }
  }

  async #complete(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    const callId = newCorrelationId();
    let asked: { readonly rawBody: string; readonly parsed: ChatRequest } | undefined;
    let refusal: unknown;
    try {
      this.#requireKey(request);
      const rawBody = await readBody(request, this.#options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
      asked = { rawBody, parsed: parseChatRequest(rawBody) };
    } catch (error) {
      refusal = error;
    }
    const subject = logSubject(callId, request, asked?.parsed);
    this.#log.append(this.#now(), { type: 'request', ...subject });
    let reply: LlmReply | undefined;
    let status: number | null = null;
    let outcome: CallOutcome;
    try {
      if (asked === undefined) throw refusal;
      reply = await this.#answer({ callId, request: asked.parsed, rawBody: asked.rawBody, headers: request.headers, signal });
      status = reply.status;
      await sendReply(response, reply, callId, signal);
      outcome = status < 400 ? 'completed' : 'error';
    } catch (error) {
      outcome = signal.aborted ? 'client_closed' : 'error';
      // Half an answer cannot be taken back: the connection is broken off, as a lost server would.
      // What had been written still gets out.
      if (!signal.aborted && reply !== undefined) response.socket?.destroySoon();
      if (!signal.aborted && reply === undefined) status = sendError(response, error, callId);
    }
    const { promptTokens, completionTokens } = reply?.usage() ?? { promptTokens: null, completionTokens: null };
    this.#log.append(this.#now(), {
      type: 'response',
      ...subject,
      status,
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      duration_ms: Math.round(this.#clock.monotonicMs() - startMs),
      outcome,
    });
  }

  /** The list, or the one named. */
  async #sendModels(name: string, response: ServerResponse, signal: AbortSignal): Promise<void> {
    if (this.#upstream !== undefined) {
      const { status, text } = await this.#upstream.models(name, signal);
      return sendText(response, status, 'application/json', text);
    }
    const created = Math.floor(this.#clock.now() / 1000);
    if (name !== '' && decodeURIComponent(name) !== this.#model) throw unknownModel(name, this.#model);
    sendText(response, 200, 'application/json', name === '' ? modelList(this.#model, created) : modelBody(this.#model, created));
  }

  async #sendLog(since: number, response: ServerResponse, signal: AbortSignal): Promise<void> {
    if (!Number.isInteger(since) || since < 0) throw new ApiError(400, 'invalid_request_error', "Invalid 'since': expected the seq of the last line read, an integer of 0 or more.", { parameter: 'since' });
    await sendReply(response, { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: this.#log.read(since) }, newCorrelationId(), signal);
  }

  #requireKey(request: IncomingMessage): void {
    const expected = this.#options.apiKey;
    if (expected === undefined) return;
    const given = headerText(request, 'authorization')?.replace(/^Bearer\s+/i, '');
    if (given === undefined || given === '') {
      throw new ApiError(401, 'invalid_request_error', "You didn't provide an API key. Send it in an Authorization header: 'Authorization: Bearer <key>'.");
    }
    if (!sameText(given, expected)) throw new ApiError(401, 'invalid_request_error', 'Incorrect API key provided.', { code: 'invalid_api_key' });
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

function requireMethod(request: IncomingMessage, method: string, path: string): void {
  if (request.method !== method) throw new ApiError(405, 'invalid_request_error', `Not allowed to ${request.method} on ${path}. (HINT: Perhaps you meant to use ${method}?)`, { code: 'method_not_supported' });
}

/** In constant time; digests make the lengths equal. */
function sameText(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function logSubject(callId: string, request: IncomingMessage, asked: ChatRequest | undefined): LogSubject {
  const attempt = Number(headerText(request, 'x-netra-attempt'));
  return {
    call_id: callId,
    correlation_id: headerText(request, 'x-correlation-id') ?? null,
    run_id: headerText(request, 'x-netra-run-id') ?? null,
    section: headerText(request, 'x-netra-section') ?? null,
    attempt: Number.isInteger(attempt) ? attempt : null,
    ...(asked?.user === undefined ? {} : { user_id: asked.user }),
    model: asked?.model ?? null,
    stream: asked?.stream ?? null,
  };
}
