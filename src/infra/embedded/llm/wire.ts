import type { TokenUsage } from './llm-call.ts';

export type FinishReason = 'stop' | 'length';

interface Frame {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly model: string;
}

interface CountedUsage extends TokenUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

function usageBody({ promptTokens, completionTokens }: CountedUsage): object {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}

export function completionBody(frame: Frame, content: string, finishReason: FinishReason, usage: CountedUsage): string {
  return JSON.stringify({
    ...frame,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: finishReason }],
    usage: usageBody(usage),
  });
}

function choice(delta: object, finishReason: FinishReason | null): object {
  return { index: 0, delta, logprobs: null, finish_reason: finishReason };
}

/** The events of a streamed answer: role, content pieces, finish reason, usage where asked for, `[DONE]`. */
export function chunkWriter(frame: Frame, includeUsage: boolean): {
  role(): string;
  content(text: string): string;
  end(finishReason: FinishReason, usage: CountedUsage): string;
} {
  // With usage asked for, every chunk but the last has the member with null, as OpenAI sends it.
  const usageMember = includeUsage ? { usage: null } : {};
  const event = (choices: readonly object[], extra: object = usageMember): string =>
    `data: ${JSON.stringify({ ...frame, object: 'chat.completion.chunk', choices, ...extra })}\n\n`;
  return {
    role: () => event([choice({ role: 'assistant', content: '' }, null)]),
    content: (text) => event([choice({ content: text }, null)]),
    end: (finishReason, usage) =>
      `${event([choice({}, finishReason)])}${includeUsage ? event([], { usage: usageBody(usage) }) : ''}data: [DONE]\n\n`,
  };
}

function modelObject(model: string, created: number): object {
  return { id: model, object: 'model', created, owned_by: 'netra-resilience' };
}

export function modelBody(model: string, created: number): string {
  return JSON.stringify(modelObject(model, created));
}

export function modelList(model: string, created: number): string {
  return JSON.stringify({ object: 'list', data: [modelObject(model, created)] });
}
