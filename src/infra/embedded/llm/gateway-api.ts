import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { raceAbort } from '../../../core/abort.ts';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import { newCorrelationId } from '../../../core/ids.ts';
import { ApiError, unknownModel } from './api-error.ts';
import { createBuiltinModel } from './builtin/model.ts';
import { parseChatRequest, type ChatRequest } from './chat-request.ts';
import { FaultBoard } from './fault-board/board.ts';
import { serveFaults } from './fault-board/faults-api.ts';
import { createForwardModel } from './forward.ts';
import type { LlmGatewayOptions } from './gateway-options.ts';
import { headerText, readBody, sendError, sendReply, sendText } from './http-io.ts';
import { composeHandler, ConnectionBroken, noteUsage, type CallNotes, type LlmHandler, type LlmReply } from './llm-call.ts';
import { RequestLog, type CallOutcome, type LogSubject } from './request-log.ts';
import { Upstream } from './upstream.ts';
import { modelBody, modelList } from './wire.ts';

const DEFAULT_MODEL = 'netra-builtin';
const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;
const DEFAULT_UPSTREAM_TIMEOUT_MS = 600_000;

/** What is behind the gateway's port: `POST /v1/chat/completions`, `GET /v1/models`, `GET /netra/log?since=<seq>`, `GET` and `PUT /netra/faults`. */
export class GatewayApi {
  readonly #options: LlmGatewayOptions;
  readonly #clock: Clock;
  readonly #model: string;
  readonly #log: RequestLog;
  readonly #upstream: Upstream | undefined;
  readonly #faults: FaultBoard;
  readonly #answer: LlmHandler;
  readonly #inFlight = new Set<Promise<void>>();

  constructor(options: LlmGatewayOptions) {
    const { forward, seed = '0', latencyMs = 0, tokensPerSecond = 0 } = options;
    const clock = options.clock ?? systemClock;
    const model = options.model ?? DEFAULT_MODEL;
    this.#options = options;
    this.#clock = clock;
    this.#model = model;
    this.#upstream = forward && new Upstream({ timeoutMs: DEFAULT_UPSTREAM_TIMEOUT_MS, models: {}, ...forward, clock });
    const answering = this.#upstream ? createForwardModel(this.#upstream) : createBuiltinModel({ model, seed, latencyMs, tokensPerSecond, clock });
    this.#faults = new FaultBoard(clock, seed);
    this.#answer = composeHandler(noteUsage(answering), [...(options.middleware ?? []), this.#faults.middleware]);
    this.#log = new RequestLog(options.logPath, (error) =>
      options.onWarning?.(`The log of LLM calls ${options.logPath} cannot be written: ${asError(error).message}. Calls go on, but unrecorded.`),
    );
  }

  /** To be called when no connection is left: waits until what hung on them has been logged. */
  async close(): Promise<void> {
    await Promise.all(this.#inFlight);
    this.#log.close();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const handled = this.#handle(request, response).finally(() => this.#inFlight.delete(handled));
    this.#inFlight.add(handled);
  }

  /** Never rejects. */
  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
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
    } else if (pathname === '/netra/faults') {
      if (request.method !== 'GET') requireMethod(request, 'PUT', pathname);
      await serveFaults(this.#faults, request, response, this.#maxBodyBytes);
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
      const rawBody = await readBody(request, this.#maxBodyBytes);
      asked = { rawBody, parsed: parseChatRequest(rawBody) };
    } catch (error) {
      refusal = error;
    }
    const subject = logSubject(callId, request, asked?.parsed);
    this.#log.append(this.#now(), { type: 'request', ...subject });
    const notes: CallNotes = { fault: null };
    let reply: LlmReply | undefined;
    let status: number | null = null;
    let outcome: CallOutcome;
    try {
      if (asked === undefined) throw refusal;
      reply = await raceAbort(this.#answer({ callId, request: asked.parsed, rawBody: asked.rawBody, headers: request.headers, signal, notes }), signal);
      status = reply.status;
      await sendReply(response, reply, callId, signal);
      outcome = status < 400 ? 'completed' : 'error';
    } catch (error) {
      outcome = signal.aborted ? 'client_closed' : 'error';
      if (!signal.aborted) {
        // Half an answer cannot be taken back: the connection is broken off, as a lost server would.
        if (reply !== undefined || error instanceof ConnectionBroken) breakOff(response, error);
        else status = sendError(response, error, callId);
      }
    }
    const { promptTokens, completionTokens } = notes.usage?.() ?? { promptTokens: null, completionTokens: null };
    this.#log.append(this.#now(), {
      type: 'response',
      ...subject,
      status,
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      duration_ms: Math.round(this.#clock.monotonicMs() - startMs),
      outcome,
      fault: notes.fault,
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

  get #maxBodyBytes(): number {
    return this.#options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

function requireMethod(request: IncomingMessage, method: string, path: string): void {
  if (request.method !== method) throw new ApiError(405, 'invalid_request_error', `Not allowed to ${request.method} on ${path}. (HINT: Perhaps you meant to use ${method}?)`, { code: 'method_not_supported' });
}

/** What has been written still gets out, unless the connection is reset. */
function breakOff({ socket }: ServerResponse, error: unknown): void {
  if (error instanceof ConnectionBroken && error.how === 'reset') socket?.resetAndDestroy();
  else socket?.destroySoon();
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
    host: headerText(request, 'x-netra-host') ?? null,
    run_id: headerText(request, 'x-netra-run-id') ?? null,
    section: headerText(request, 'x-netra-section') ?? null,
    attempt: Number.isInteger(attempt) ? attempt : null,
    ...(asked?.user === undefined ? {} : { user_id: asked.user }),
    model: asked?.model ?? null,
    stream: asked?.stream ?? null,
  };
}
