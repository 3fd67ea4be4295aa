import type OpenAI from 'openai';
import { abortReason } from '../../../core/abort.ts';
import type { CancelTimer, Clock } from '../../../core/clock.ts';
import { ConnectorError } from '../../error-codes.ts';
import type { LlmAnswer } from './llm.ts';
import { checkedAnswer } from './checked-answer.ts';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;

export interface StreamTimeouts {
  /** From the request to the first piece of text. */
  readonly firstContentMs: number;
  /** Between two pieces of text; comments and empty chunks do not count. */
  readonly idleMs: number;
  /** After the finish reason, for the usage counts and the end of the stream. */
  readonly trailerMs: number;
}

const stalled = (delayMs: number, what: string) => (): ConnectorError =>
  new ConnectorError('LLM_STALLED', `the model's stream is open, but ${what} for ${delayMs} ms`, { maybeExecuted: true });

const finished = Symbol('the answer is complete');

/**
 * Reads one streamed answer to its finish reason. `controller` belongs to the request: aborting it
 * closes the connection, which ends a stall, and an answer whose connection is left open after its end.
 */
export async function readAnswerStream(
  open: () => Promise<AsyncIterable<Chunk>>,
  controller: AbortController,
  clock: Clock,
  timeouts: StreamTimeouts,
  onText: (text: string) => void,
): Promise<LlmAnswer> {
  let cancelTimer: CancelTimer | undefined;
  const arm = (delayMs: number, reason: () => unknown): void => {
    cancelTimer?.();
    cancelTimer = clock.setTimer(delayMs, () => controller.abort(reason()));
  };
  arm(timeouts.firstContentMs, stalled(timeouts.firstContentMs, 'no text has come'));

  const answer = { text: '', model: '', finishReason: undefined as string | undefined, refused: false, promptTokens: 0, completionTokens: 0 };
  try {
    for await (const chunk of await open()) {
      if (chunk.model) answer.model = chunk.model;
      if (chunk.usage) {
        answer.promptTokens = chunk.usage.prompt_tokens;
        answer.completionTokens = chunk.usage.completion_tokens;
      }
      const [choice] = chunk.choices ?? [];
      const text = choice?.delta?.content;
      if (typeof text === 'string' && text !== '') {
        answer.text += text;
        if (answer.finishReason === undefined) arm(timeouts.idleMs, stalled(timeouts.idleMs, 'no more text has come'));
        onText(text);
      }
      if (choice?.delta?.refusal) answer.refused = true;
      if (choice?.finish_reason) {
        answer.finishReason = choice.finish_reason;
        arm(timeouts.trailerMs, () => finished);
      }
    }
  } catch (error) {
    // The client reports an abort as an error of its own; the reason is ours.
    if (!controller.signal.aborted) throw error;
  } finally {
    cancelTimer?.();
  }
  // An aborted stream ends as quietly as a complete one.
  if (controller.signal.aborted && controller.signal.reason !== finished) throw abortReason(controller.signal);
  return checkedAnswer(answer);
}
