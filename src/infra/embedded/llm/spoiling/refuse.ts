import type { FaultCall } from '../faults/define-fault.ts';
import type { LlmReply } from '../llm-call.ts';

export interface Refusal {
  readonly status: number;
  /** An object is sent as JSON, a text as it is. */
  readonly body: object | string;
  /** Lower-case names. @default content-type by the body: JSON or HTML */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer instead of the model's, which is not asked. */
export function refuse(call: FaultCall, { status, body, headers }: Refusal): Promise<LlmReply> {
  call.touch();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  async function* pieces(): AsyncGenerator<string> {
    if (text !== '') yield text;
  }
  return Promise.resolve({
    status,
    headers: { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json', 'content-length': String(Buffer.byteLength(text)), ...headers },
    body: pieces(),
    usage: () => ({ promptTokens: null, completionTokens: null }),
  });
}

/** The error object of OpenAI's API, as most compatible servers send it. */
export function openAiError(type: string, code: string | null, message: string, parameter: string | null = null): object {
  return { error: { message, type, param: parameter, code } };
}
