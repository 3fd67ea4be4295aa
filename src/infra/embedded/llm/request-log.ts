import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';

export type CallOutcome = 'completed' | 'client_closed' | 'error';

export interface LogSubject {
  readonly call_id: string;
  readonly correlation_id: string | null;
  /** Host that asks. */
  readonly host: string | null;
  readonly run_id: string | null;
  readonly section: string | null;
  readonly attempt: number | null;
  readonly user_id?: string;
  readonly model: string | null;
  readonly stream: boolean | null;
}

/** Written before the model is asked. */
export interface LogRequest extends LogSubject {
  readonly type: 'request';
}

/** Written once the answer has been sent, or the client is gone. */
export interface LogResponse extends LogSubject {
  readonly type: 'response';
  /** HTTP status; null where the client left before there was one. */
  readonly status: number | null;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly duration_ms: number;
  readonly outcome: CallOutcome;
  /** Id of the fault that answered or spoiled it. */
  readonly fault: string | null;
}

/** One line of the log: `seq` counts from 1 without gaps, `at` is ISO 8601. */
export type LogLine = { readonly seq: number; readonly at: string } & (LogRequest | LogResponse);

/** Every `INDEX_STRIDE`-th line's offset is remembered, so that reading on from `since` does not read the whole file. */
const INDEX_STRIDE = 256;

/**
 * NDJSON file. A line is in the file when `append` returns: what the lab concludes from the log
 * must not hang on a buffer that a crash would eat.
 */
export class RequestLog {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #onLost: (error: unknown) => void;
  readonly #offsets: number[] = [0];
  #seq = 0;
  #bytes = 0;
  #lostLines = 0;

  /** Starts the file anew. `onLost` is called for the first line that could not be written. */
  constructor(path: string, onLost: (error: unknown) => void) {
    this.#path = path;
    this.#descriptor = openSync(path, 'w');
    this.#onLost = onLost;
  }

  append(at: string, entry: LogRequest | LogResponse): void {
    const line = `${JSON.stringify({ seq: this.#seq + 1, at, ...entry } satisfies LogLine)}\n`;
    const bytes = Buffer.from(line);
    try {
      // A position, so that a line that got in half (disk full) is overwritten by the next one.
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written, bytes.length - written, this.#bytes + written);
    } catch (error) {
      if (this.#lostLines++ === 0) this.#onLost(error);
      return;
    }
    this.#seq++;
    this.#bytes += bytes.length;
    if (this.#seq % INDEX_STRIDE === 0) this.#offsets.push(this.#bytes);
  }

  /** The lines with a `seq` above `since` that are there now, as they stand in the file. */
  async *read(since: number): AsyncGenerator<string> {
    const from = Math.min(Math.max(0, Math.trunc(since)), this.#seq);
    const start = this.#offsets[Math.floor(from / INDEX_STRIDE)] as number;
    if (from === this.#seq) return;
    let skip = from % INDEX_STRIDE;
    const stream: Readable = createReadStream(this.#path, { start, end: this.#bytes - 1, encoding: 'utf8' });
    for await (const chunk of stream as AsyncIterable<string>) {
      let rest = chunk;
      while (skip > 0) {
        const end = rest.indexOf('\n');
        if (end === -1) break;
        rest = rest.slice(end + 1);
        skip--;
      }
      if (skip === 0 && rest !== '') yield rest;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
