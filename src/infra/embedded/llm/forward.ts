import { redact } from '../../../core/secrets.ts';
import { isObject } from './chat-request.ts';
import type { LlmHandler, LlmReply, TokenUsage } from './llm-call.ts';
import type { Upstream, UpstreamAnswer } from './upstream.ts';

/** Passes a call on as it came, but for the model's name and the key, and its answer back as it comes. */
export function createForwardModel(upstream: Upstream): LlmHandler {
  return async ({ request, rawBody, signal }) => {
    const model = await upstream.modelFor(request.model, signal);
    const body = JSON.stringify({ ...(JSON.parse(rawBody) as object), model });
    return passBack(await upstream.ask('chat/completions', signal, { method: 'POST', body }));
  };
}

/** Headers of one connection, or of a body that fetch has already unpacked. */
const hopHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding', 'upgrade', 'trailer', 'set-cookie', 'alt-svc']);

function passBack({ response, release }: UpstreamAnswer): LlmReply {
  const watch = new UsageWatch(response.headers.get('content-type')?.includes('text/event-stream') ?? false);
  /** Servers like to quote the key that they refuse; clients have never seen it. */
  async function* refusal(): AsyncGenerator<Uint8Array> {
    try {
      yield new TextEncoder().encode(redact(await response.text()));
    } finally {
      release();
    }
  }
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response.body ?? []) {
        watch.see(chunk);
        yield chunk;
      }
    } finally {
      release();
    }
  }
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !hopHeaders.has(name)));
  return { status: response.status, headers, body: response.ok ? body() : refusal(), usage: () => watch.usage() };
}

/** Remembers only as much of what passes by as it takes to find the `usage` member. */
class UsageWatch {
  readonly #isStream: boolean;
  readonly #decoder = new TextDecoder();
  #tail = '';
  #usage: TokenUsage = { promptTokens: null, completionTokens: null };

  constructor(isStream: boolean) {
    this.#isStream = isStream;
  }

  see(chunk: Uint8Array): void {
    this.#tail += this.#decoder.decode(chunk, { stream: true });
    if (!this.#isStream) return;
    const lines = this.#tail.split('\n');
    this.#tail = lines.pop() as string;
    for (const line of lines) if (line.startsWith('data:') && line.includes('"usage"')) this.#take(line.slice(5));
  }

  usage(): TokenUsage {
    if (!this.#isStream) this.#take(this.#tail);
    return this.#usage;
  }

  #take(json: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(json);
    } catch {
      return; // What is no JSON names no usage; the client gets it as it is.
    }
    const usage = isObject(parsed) ? parsed['usage'] : undefined;
    if (!isObject(usage)) return;
    this.#usage = { promptTokens: numberOrNull(usage['prompt_tokens']), completionTokens: numberOrNull(usage['completion_tokens']) };
  }
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
