import { createHash } from 'node:crypto';
import type { Clock } from '../../../../core/clock.ts';
import { createRng, type Rng } from '../../../../core/rng.ts';
import { unknownModel } from '../api-error.ts';
import type { ChatRequest } from '../chat-request.ts';
import type { LlmHandler, TokenUsage } from '../llm-call.ts';
import { countPromptTokens, tokenize } from '../tokens.ts';
import { chunkWriter, completionBody, type FinishReason } from '../wire.ts';
import { writeAnswer } from './answer.ts';

export interface BuiltinOptions {
  /** The only model name that it answers to. */
  readonly model: string;
  readonly seed: string;
  /** Milliseconds to the first token. */
  readonly latencyMs: number;
  /** After the first; 0 = unlimited. */
  readonly tokensPerSecond: number;
  readonly clock: Clock;
}

/** Tokens a streamed chunk holds where speed is not limited: one a chunk is all framing and no text. */
const UNLIMITED_CHUNK_TOKENS = 8;

/** A model without a model: the answer depends on the seed and on what is asked, never on when or in which order. */
export function createBuiltinModel(options: BuiltinOptions): LlmHandler {
  const { clock, latencyMs, tokensPerSecond } = options;
  return async ({ callId, request, signal }) => {
    if (request.model !== options.model) throw unknownModel(request.model, options.model);
    const tokens = tokenize(writeAnswer(request, answerRng(options.seed, request)));
    const wanted = request.maxTokens === undefined ? tokens : tokens.slice(0, request.maxTokens);
    const finishReason: FinishReason = wanted.length < tokens.length ? 'length' : 'stop';
    const promptTokens = countPromptTokens(request.messages);
    const frame = { id: `chatcmpl-${callId}`, created: Math.floor(clock.now() / 1000), model: request.model };
    let completionTokens = 0;

    async function* paced(): AsyncGenerator<string> {
      await wait(latencyMs);
      const startMs = clock.monotonicMs();
      for (let next = 0; next < wanted.length; ) {
        let end = next + UNLIMITED_CHUNK_TOKENS;
        if (tokensPerSecond > 0) {
          // By due times from the start, not by adding up sleeps, so that coarse timers do not slow the stream down.
          await wait((next * 1000) / tokensPerSecond - (clock.monotonicMs() - startMs));
          end = Math.max(next, Math.floor(((clock.monotonicMs() - startMs) * tokensPerSecond) / 1000)) + 1;
        }
        signal.throwIfAborted();
        const piece = wanted.slice(next, end);
        completionTokens += piece.length;
        next = end;
        yield piece.join('');
      }
    }

    async function wait(delayMs: number): Promise<void> {
      if (delayMs > 0) await clock.sleep(delayMs, signal);
    }

    async function* whole(): AsyncGenerator<string> {
      let content = '';
      for await (const piece of paced()) content += piece;
      yield completionBody(frame, content, finishReason, { promptTokens, completionTokens });
    }

    async function* streamed(): AsyncGenerator<string> {
      const chunks = chunkWriter(frame, request.includeUsage);
      let started = false;
      for await (const piece of paced()) {
        yield started ? chunks.content(piece) : chunks.role() + chunks.content(piece);
        started = true;
      }
      yield (started ? '' : chunks.role()) + chunks.end(finishReason, { promptTokens, completionTokens });
    }

    return {
      status: 200,
      headers: { 'content-type': request.stream ? 'text/event-stream; charset=utf-8' : 'application/json' },
      body: request.stream ? streamed() : whole(),
      usage: (): TokenUsage => ({ promptTokens, completionTokens }),
    };
  };
}

/** What the text may depend on; how it is delivered (`stream`, `max_tokens`) is left out. */
function answerRng(seed: string, { messages, responseFormat, seed: requestSeed }: ChatRequest): Rng {
  const asked = JSON.stringify([messages, responseFormat, requestSeed ?? null]);
  return createRng(`${seed}/${createHash('sha256').update(asked).digest('hex')}`);
}
