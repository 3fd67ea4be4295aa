import { ConnectorError } from '../../error-codes.ts';
import type { LlmAnswer } from './llm.ts';

/** What came, before anybody has looked whether it is an answer. */
export interface RawAnswer {
  readonly text: string;
  readonly model: string;
  readonly finishReason: string | null | undefined;
  readonly refused: boolean;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

const finishReasons: ReadonlySet<string> = new Set<LlmAnswer['finishReason']>(['stop', 'length', 'content_filter', 'tool_calls']);

/**
 * The answer, if it is one. A stream may be cut anywhere, and the cut looks like an end: only the
 * finish reason tells them apart. `length` and `content_filter` are for the caller to judge; a
 * refusal counts as the latter.
 * @throws ConnectorError `LLM_INCOMPLETE`
 */
export function checkedAnswer(raw: RawAnswer): LlmAnswer {
  const { text, model, refused, promptTokens, completionTokens } = raw;
  const finishReason = refused ? 'content_filter' : raw.finishReason;
  if (finishReason === undefined || finishReason === null) throw incomplete(`ended after ${text.length} characters without a finish reason`);
  if (!finishReasons.has(finishReason)) throw incomplete(`ended with the unknown finish reason '${finishReason}'`);
  if (text.trim() === '' && finishReason !== 'content_filter') throw incomplete(`is empty (finish reason '${finishReason}')`);
  return { text, model, finishReason: finishReason as LlmAnswer['finishReason'], promptTokens, completionTokens };
}

export function incomplete(what: string): ConnectorError {
  return new ConnectorError('LLM_INCOMPLETE', `the model's answer ${what}`, { maybeExecuted: true });
}
