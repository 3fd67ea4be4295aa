import type { ChatRequest } from './chat-request.ts';

/** What the log is told of a call besides its answer. */
export interface CallNotes {
  /** Id of the fault that answered or spoiled it. */
  fault: string | null;
  /** What the model has produced, whether or not any of it reached the client; absent where it was not asked. */
  usage?: () => TokenUsage;
}

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
  readonly notes: CallNotes;
}

/** `null` where the answer did not say. */
export interface TokenUsage {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

export type BodyPiece = string | Uint8Array;

export interface LlmReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Each piece is written as it comes. Throwing breaks the connection off in the middle, as a lost server
   * would; a ConnectionBroken says how.
   */
  readonly body: AsyncIterable<BodyPiece>;
  /** Asked for once the body has ended or was abandoned: what had been produced by then. */
  usage(): TokenUsage;
}

/** Throws ApiError for what is answered with an error body, ConnectionBroken for what is not answered at all. */
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

/** Tells the log what the model spends, however little of it gets through to the client. */
export function noteUsage(model: LlmHandler): LlmHandler {
  return async (call) => {
    const reply = await model(call);
    call.notes.usage = () => reply.usage();
    return reply;
  };
}

/** The connection is to be ended without an answer, or in the middle of one: by FIN or by RST. */
export class ConnectionBroken extends Error {
  readonly how: 'close' | 'reset';

  constructor(how: 'close' | 'reset') {
    super(`the connection was broken off on purpose (${how})`);
    this.name = 'ConnectionBroken';
    this.how = how;
  }
}
