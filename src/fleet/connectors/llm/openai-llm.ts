import type { Unsubscribe } from '../../../core/emitter.ts';
import { InvariantViolation } from '../../../core/error-codes.ts';
import type { DependencyState } from '../call.ts';
import type { ConnectorContext } from '../connector-context.ts';
import type { Llm, LlmAnswer, LlmRequest } from './llm.ts';

export interface OpenAiLlmOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

export class OpenAiLlm implements Llm {
  constructor(context: ConnectorContext, options: OpenAiLlmOptions) {
    void [context, options];
  }
  get state(): DependencyState {
    throw shell();
  }
  onStateChange(_listener: (state: DependencyState) => void): Unsubscribe {
    throw shell();
  }
  async complete(_request: LlmRequest): Promise<LlmAnswer> {
    throw shell();
  }
  async close(): Promise<void> {
    throw shell();
  }
}

const shell = (): InvariantViolation => new InvariantViolation('this connector is a shell');
