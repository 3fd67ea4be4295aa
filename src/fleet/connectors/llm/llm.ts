import type { CallOptions, DependencyState } from '../call.ts';
import type { Unsubscribe } from '../../../core/emitter.ts';

export interface LlmRequest extends CallOptions {
  readonly system: string;
  readonly user: string;
  /** Asks for a JSON answer of this JSON Schema. */
  readonly schema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
  /** Who asks, for the gateway's log and for idempotency. */
  readonly jobId: string;
  readonly userId: string;
  readonly agent?: string;
  readonly section?: string;
  /** Attempt at the job (fencing token), not the retry number of this call. */
  readonly attempt: number;
  readonly maxTokens?: number;
  /** Given: the answer is streamed and each piece of text handed over as it comes. */
  readonly onDelta?: (text: string) => void;
  /** Called where an answer broke off and is asked for again: the pieces handed over so far are void. */
  readonly onRestart?: () => void;
}

export interface LlmAnswer {
  readonly text: string;
  readonly model: string;
  readonly finishReason: 'stop' | 'length' | 'content_filter' | 'tool_calls';
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** The port to the model: complete answers only; an answer cut off without a finish reason is an error. */
export interface Llm {
  readonly state: DependencyState;
  onStateChange(listener: (state: DependencyState) => void): Unsubscribe;
  complete(request: LlmRequest): Promise<LlmAnswer>;
  close(): Promise<void>;
}
