import type OpenAI from 'openai';
import { promptOf, sectionFormat } from './sample-facts.ts';

export interface Outcome {
  /** As far as it came. */
  readonly text: string;
  readonly pieces: number;
  readonly finishReason?: string | null;
  readonly model?: string | undefined;
  readonly usage?: boolean;
  readonly message?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** What the openai client threw. */
  readonly error?: Error & { readonly status?: number; readonly code?: string | null; readonly type?: string; readonly headers?: Headers; readonly cause?: Error & { code?: string } };
}

const request = { model: 'netra-builtin', messages: promptOf(), response_format: sectionFormat };

export interface Asking {
  readonly done: Promise<Outcome>;
  readonly settled: () => boolean;
  readonly text: () => string;
  abort(): void;
}

/** One question by the real openai client; the outcome says how it ended, and never rejects. */
export function ask(client: OpenAI, stream: boolean, headers: Record<string, string> = {}, more: object = {}): Asking {
  const controller = new AbortController();
  const seen = { text: '', pieces: 0, settled: false };
  const options = { signal: controller.signal, headers };
  async function whole(): Promise<Outcome> {
    const completion = (await client.chat.completions.create({ ...request, ...more }, options)) as Partial<OpenAI.ChatCompletion> | string;
    const choice = typeof completion === 'string' ? undefined : completion.choices?.[0];
    if (typeof completion === 'string' || choice === undefined) return { ...seen, body: completion };
    return { ...seen, text: choice.message.content ?? '', pieces: 1, finishReason: choice.finish_reason, model: completion.model, usage: completion.usage !== undefined, message: { ...choice.message } };
  }
  async function streamed(): Promise<Outcome> {
    let finishReason: string | null = null;
    let model: string | undefined;
    let usage = false;
    const message: Record<string, unknown> = {};
    for await (const chunk of await client.chat.completions.create({ ...request, ...more, stream: true, stream_options: { include_usage: true } }, options)) {
      const [choice] = chunk.choices;
      const { content, ...delta } = choice?.delta ?? {};
      Object.assign(message, delta);
      if (typeof content === 'string' && content !== '') {
        seen.text += content;
        seen.pieces++;
      }
      finishReason = choice?.finish_reason ?? finishReason;
      model = chunk.model;
      usage ||= chunk.usage !== undefined && chunk.usage !== null;
    }
    return { ...seen, finishReason, model, usage, message };
  }
  const done = (stream ? streamed() : whole())
    .catch((error: unknown): Outcome => ({ ...seen, error: error as NonNullable<Outcome['error']> }))
    .finally(() => {
      seen.settled = true;
    });
  return { done, settled: () => seen.settled, text: () => seen.text, abort: () => controller.abort() };
}
