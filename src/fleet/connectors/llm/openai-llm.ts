import { createHash } from 'node:crypto';
import OpenAI from 'openai';
import { raceAbort } from '../../../core/abort.ts';
import type { Unsubscribe } from '../../../core/emitter.ts';
import type { BreakerConfig, CallContext } from '../../../reliability/index.ts';
import { ConnectorError } from '../../error-codes.ts';
import type { DependencyState } from '../call.ts';
import type { ConnectorContext } from '../connector-context.ts';
import { DependencyWatch } from '../dependency-watch.ts';
import { readAnswerStream, type StreamTimeouts } from './answer-stream.ts';
import { checkedAnswer, incomplete } from './checked-answer.ts';
import type { Llm, LlmAnswer, LlmRequest } from './llm.ts';
import { errorInAnswer, toLlmError } from './llm-errors.ts';

export interface OpenAiLlmOptions {
  /** Up to and including `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** The host that asks, for the gateway's log. @default none */
  readonly host?: string;
  /** @default first content 30000, idle 15000, trailer 250 */
  readonly streamTimeouts?: Partial<StreamTimeouts>;
  /** One answer, from the request to its end. @default 60000 */
  readonly answerTimeoutMs?: number;
  /** `GET /models` at these intervals while the model is there. @default 10000 */
  readonly upIntervalMs?: number;
  /** @default 2000 */
  readonly downIntervalMs?: number;
}

const service = 'llm';

/** D10. That `/models` answers does not say that answers will come, so here only a call that succeeds closes it. */
const breaker: Partial<BreakerConfig> = Object.freeze({ threshold: 3, recoveryMs: 5_000, recoveryMultiplier: 2, maxRecoveryMs: 60_000, rampSlots: 0 });

/** A model behind an OpenAI-compatible API, by the openai client without its retries. */
export class OpenAiLlm implements Llm {
  readonly #context: ConnectorContext;
  readonly #options: OpenAiLlmOptions;
  readonly #client: OpenAI;
  readonly #watch: DependencyWatch;
  readonly #closing = new AbortController();
  readonly #retry: { readonly attemptTimeoutMs: number; readonly breaker: Partial<BreakerConfig> };
  readonly #streamTimeouts: StreamTimeouts;

  constructor(context: ConnectorContext, options: OpenAiLlmOptions) {
    this.#context = context;
    this.#options = options;
    this.#streamTimeouts = { firstContentMs: 30_000, idleMs: 15_000, trailerMs: 250, ...options.streamTimeouts };
    const answerTimeoutMs = options.answerTimeoutMs ?? 60_000;
    this.#retry = Object.freeze({ attemptTimeoutMs: answerTimeoutMs, breaker });
    this.#client = new OpenAI({
      apiKey: options.apiKey,
      baseURL: options.baseUrl,
      // Its retries would obey any Retry-After, for weeks if told so.
      maxRetries: 0,
      // Its timer ends with the headers; ours, which does not, fires first.
      timeout: answerTimeoutMs + 1_000,
      logLevel: 'off',
    });
    this.#watch = new DependencyWatch({
      clock: context.clock,
      logger: context.logger,
      name: service,
      probe: (signal) => this.#probe(signal),
      probeTimeoutMs: 5_000,
      upIntervalMs: options.upIntervalMs ?? 10_000,
      downIntervalMs: options.downIntervalMs ?? 2_000,
    });
  }

  get state(): DependencyState {
    return this.#watch.state;
  }

  onStateChange(listener: (state: DependencyState) => void): Unsubscribe {
    return this.#watch.onStateChange(listener);
  }

  /** Watches from now on; without it the first `complete` begins to. */
  start(): void {
    this.#watch.start();
  }

  async complete(request: LlmRequest): Promise<LlmAnswer> {
    this.#watch.start();
    const { signal, deadline, correlationId, jobId, section, attempt } = request;
    // Another prompt is another question: a server that honours the key must not answer it with what was rejected before.
    const prompt = createHash('sha256').update(request.system).update('\n').update(request.user).digest('base64url').slice(0, 16);
    try {
      const answer = await this.#context.reliability.executeSafely((call) => this.#attempt(request, call), 'llm.complete', {
        profile: 'LLM',
        retry: this.#retry,
        signal,
        deadline,
        correlationId,
        // Asking again costs money, but changes nothing: an answer that was lost may be asked for again.
        idempotencyKey: `${jobId}:${section ?? ''}:${attempt}:${prompt}`,
      });
      this.#watch.up();
      return answer;
    } catch (error) {
      if (error instanceof ConnectorError && error.retriable) this.#watch.nudge();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#watch.close();
    this.#closing.abort(new ConnectorError('LLM_UNAVAILABLE', 'the connection to the model has been closed', { retriable: false }));
  }

  async #attempt(request: LlmRequest, call: CallContext): Promise<LlmAnswer> {
    const controller = new AbortController();
    // Both may outlive the call, so the listeners go when it ends.
    const follow = [call.signal, this.#closing.signal].map((parent) => {
      const onAbort = (): void => controller.abort(parent.reason);
      if (parent.aborted) onAbort();
      else parent.addEventListener('abort', onAbort, { once: true });
      return () => parent.removeEventListener('abort', onAbort);
    });
    let begun = false;
    if (call.attempt > 1) request.onRestart?.();
    try {
      controller.signal.throwIfAborted();
      const options = { signal: controller.signal, headers: this.#headers(request, call) };
      if (request.onDelta === undefined) return await this.#whole(request, options);
      return await readAnswerStream(
        () => this.#client.chat.completions.create({ ...this.#body(request), stream: true, stream_options: { include_usage: true } }, options),
        controller,
        this.#context.clock,
        this.#streamTimeouts,
        (text) => {
          begun = true;
          request.onDelta?.(text);
        },
      );
    } catch (error) {
      const reason: unknown = controller.signal.reason;
      if (controller.signal.aborted && reason instanceof Error) throw reason;
      const mapped = toLlmError(error, this.#context.clock);
      this.#context.logger.debug('a call of the model failed', { correlation_id: request.correlationId, job_id: request.jobId, section: request.section, streaming: begun, error: mapped });
      throw mapped;
    } finally {
      for (const unfollow of follow) unfollow();
    }
  }

  async #whole(request: LlmRequest, options: { readonly signal: AbortSignal; readonly headers: Record<string, string> }): Promise<LlmAnswer> {
    // The client does not watch the signal while it reads the body to its end.
    const completion = await raceAbort(this.#client.chat.completions.create(this.#body(request), options), options.signal);
    // Anything may come with status 200: an error after all, a proxy's HTML page, an empty body.
    const { error } = (completion ?? {}) as { readonly error?: unknown };
    if (error !== undefined && error !== null) throw errorInAnswer(error);
    const choice = (completion as Partial<typeof completion> | undefined)?.choices?.[0];
    if (choice === undefined) throw incomplete('holds no choices: it may be a page of a proxy in between');
    return checkedAnswer({
      text: choice.message.content ?? '',
      model: completion.model,
      finishReason: choice.finish_reason,
      refused: typeof choice.message.refusal === 'string' && choice.message.refusal !== '',
      promptTokens: completion.usage?.prompt_tokens ?? 0,
      completionTokens: completion.usage?.completion_tokens ?? 0,
    });
  }

  #body({ system, user, userId, schema, maxTokens }: LlmRequest): OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming {
    return {
      model: this.#options.model,
      user: userId,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: user },
      ],
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      ...(schema === undefined ? {} : { response_format: { type: 'json_schema', json_schema: { name: schema.name, schema: schema.schema, strict: true } } }),
    };
  }

  /** Read by the gateway's log, from which the lab tells who asked for what; a provider ignores them. */
  #headers(request: LlmRequest, call: CallContext): Record<string, string> {
    const headers = {
      'x-netra-host': this.#options.host,
      'x-netra-agent': request.agent,
      'x-netra-run-id': request.jobId,
      'x-netra-attempt': String(request.attempt),
      'x-netra-user-id': request.userId,
      'x-netra-section': request.section,
      'x-correlation-id': request.correlationId,
      'idempotency-key': call.idempotencyKey,
    };
    const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return Object.fromEntries(given.map(([name, value]) => [name, headerSafe(value)]));
  }

  /** Any answer of the server will do; some gateways have no list of models. */
  async #probe(signal: AbortSignal): Promise<void> {
    try {
      await this.#client.get('/models', { signal });
    } catch (error) {
      const { status } = error as { status?: unknown };
      if (typeof status === 'number' && status < 500) return;
      throw toLlmError(error, this.#context.clock);
    }
  }
}

/** Ids come from users; what a header cannot hold is percent-encoded. */
function headerSafe(value: string): string {
  return /^[\x21-\x7e]*$/.test(value) ? value : encodeURIComponent(value);
}
