import type { Clock } from '../../../core/clock.ts';
import { keepSecret } from '../../../core/secrets.ts';
import { ApiError } from './api-error.ts';
import { isObject } from './chat-request.ts';

export interface UpstreamOptions {
  /** OpenAI-compatible base: `https://host/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** Its names by the clients'; null = the first that it lists. */
  readonly models: Readonly<Record<string, string | null>>;
  /** For one answer from request to last byte. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export interface UpstreamAnswer {
  readonly response: Response;
  /** To be called when the body has been read or given up: takes the timeout away. */
  readonly release: () => void;
}

/** The real server behind the gateway. Its methods throw ApiError 502 where it cannot be reached. */
export class Upstream {
  readonly #options: UpstreamOptions;
  #firstModel: string | undefined;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    keepSecret(options.apiKey);
  }

  async ask(path: string, signal: AbortSignal, request: { method: string; body?: string }): Promise<UpstreamAnswer> {
    const { baseUrl, apiKey, timeoutMs, clock } = this.#options;
    const timeout = new AbortController();
    const release = clock.setTimer(timeoutMs, () => timeout.abort(new Error(`no complete answer within ${timeoutMs} ms`)), { keepAlive: false });
    // An answer given up before anybody read from it is released by nobody else.
    signal.addEventListener('abort', release, { once: true });
    try {
      const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/${path}`, {
        ...request,
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          // fetch would unpack a compressed body, which then no longer fits the headers passed back.
          'accept-encoding': 'identity',
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        signal: AbortSignal.any([signal, timeout.signal]),
      });
      return { response, release };
    } catch (error) {
      release();
      if (signal.aborted) throw error;
      throw this.#unreachable(timeout.signal.aborted ? timeout.signal.reason : error);
    }
  }

  /** `GET /models`, or `/models/<name>`, as it is answered. */
  async models(name: string, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    const { response, release } = await this.ask(name === '' ? 'models' : `models/${name}`, signal, { method: 'GET' });
    try {
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw this.#unreachable(error);
    } finally {
      release();
    }
  }

  /** What to ask for where a client asked for `name`. */
  async modelFor(name: string, signal: AbortSignal): Promise<string> {
    const mapped = Object.hasOwn(this.#options.models, name) ? this.#options.models[name] : undefined;
    if (mapped !== null) return mapped ?? name;
    this.#firstModel ??= firstOf(await this.models('', signal));
    if (this.#firstModel !== undefined) return this.#firstModel;
    throw new ApiError(502, 'api_error', `The model server at ${this.#options.baseUrl} lists no models. Name the one to use.`, { code: 'upstream_model_unknown' });
  }

  #unreachable(error: unknown): ApiError {
    const message = `The model server at ${this.#options.baseUrl} did not answer: ${reasonOf(error)}. Check that it runs and that the address is right.`;
    return new ApiError(502, 'api_error', message, { code: 'upstream_unavailable', cause: error });
  }
}

function firstOf({ text }: { readonly text: string }): string | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined; // An error page names no model; the caller says so.
  }
  const data = isObject(list) ? list['data'] : undefined;
  const first: unknown = Array.isArray(data) ? data[0] : undefined;
  return isObject(first) && typeof first['id'] === 'string' ? first['id'] : undefined;
}

/** fetch says only "fetch failed"; what failed is in its cause, or, where several addresses were tried, in the first of that. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
