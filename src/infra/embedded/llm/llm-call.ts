import type { ChatRequest } from './chat-request.ts';

/** One `POST /v1/chat/completions` on its way through the gateway. */
export interface LlmCall {
  readonly callId: string;
  readonly request: ChatRequest;
  /** The body as the client sent it, for models that pass it on. */
  readonly rawBody: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Aborts when the client is gone or the gateway closes. */
  readonly signal: AbortSignal;
}

/** `null` where the answer did not say. */
export interface TokenUsage {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

export interface LlmReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Each piece is written as it comes. Throwing breaks the connection off in the middle, as a lost server would. */
  readonly body: AsyncIterable<string | Uint8Array>;
  /** Asked for once the body has ended or was abandoned: what had been produced by then. */
  usage(): TokenUsage;
}

/** Throws ApiError for what is answered with an error body. */
export type LlmHandler = (call: LlmCall) => Promise<LlmReply>;

/**
 * Stands between HTTP and whichever model answers. May answer itself, wait (on `call.signal`),
 * ask `next` and change what comes back: status, headers, or the pieces of the body.
 */
export type LlmMiddleware = (call: LlmCall, next: LlmHandler) => Promise<LlmReply>;

/** The first middleware is the outermost. */
export function composeHandler(model: LlmHandler, middleware: readonly LlmMiddleware[]): LlmHandler {
  return middleware.reduceRight<LlmHandler>((next, layer) => (call) => layer(call, next), model);
}
