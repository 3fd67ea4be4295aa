import type { Rng } from '../../../../core/rng.ts';

/** Bytes as they came off a socket, and when (monotonic ms); a toxic that delays moves `atMs` on. */
export interface Chunk {
  readonly data: Buffer;
  readonly atMs: number;
}

/** How a direction ends: the peer finished sending, or a toxic cuts the connection (FIN or RST). */
export type End = 'eof' | 'close' | 'reset';

/** What a pipe is suspended on. Neither resumes while bytes it has emitted still wait for room. */
export type Suspension = { readonly on: 'read'; readonly timeoutMs?: number } | { readonly on: 'wait'; readonly delayMs: number };

export const TIMED_OUT = Symbol('timed out');
export type Wake = Chunk | undefined | typeof TIMED_OUT;

export type Pipe = Generator<Suspension, void, Wake>;

/**
 * A toxic's hands on one direction of one connection. An interruption (the toxic is updated or
 * removed, or its neighbour is) is a `return` at the current `yield*`: whatever a pipe holds at
 * such a place it must `emit` in a `finally`, or the bytes are lost.
 */
export interface ToxicIo<Attributes, State> {
  readonly attributes: Attributes;
  /** Lives as long as toxic and connection both do, through updates. */
  readonly state: State;
  readonly rng: Rng;
  monotonicMs(): number;
  /** The next chunk; undefined once, and every time after, the input has ended. */
  read(): Generator<Suspension, Chunk | undefined, Wake>;
  /** As `read`, but gives `TIMED_OUT` when nothing came for `timeoutMs`. */
  readWithin(timeoutMs: number): Generator<Suspension, Wake, Wake>;
  /** Never resumes early; `Infinity` waits for the interruption. */
  wait(delayMs: number): Generator<Suspension, void, Wake>;
  emit(chunk: Chunk): void;
  /** Passes the end of the input on; the pipe must return after it. */
  end(): void;
  /** Cuts the connection after what has been emitted; the pipe must return after it. */
  cut(how: 'close' | 'reset'): void;
  /** From here on the toxic can be neither interrupted nor removed from this connection. */
  commit(): void;
}

/** Wire names of the attributes with the Go type that Toxiproxy's error texts name; all default to 0. */
export type AttributeTypes = Readonly<Record<string, 'int' | 'int64'>>;

export interface Toxic<Types extends AttributeTypes = AttributeTypes, State = unknown> {
  /** Wire name, and the file's name with `-` for `_`. */
  readonly type: string;
  readonly attributes: Types;
  /** Chunks that may queue in front of it before the sender is held back. @default 1 */
  readonly bufferedChunks?: number;
  /** Bytes it swallowed cannot be given back, so a connection it acted on ends with it. @default false */
  readonly cutsWhenRemoved?: boolean;
  /** Made once for each connection. */
  newState?(): State;
  pipe(io: ToxicIo<{ readonly [Name in keyof Types]: number }, State>): Pipe;
}

export function defineToxic<const Types extends AttributeTypes, State = undefined>(toxic: Toxic<Types, State>): Toxic<Types, State> {
  return toxic;
}
