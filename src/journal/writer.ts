import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { Emitter, type Unsubscribe } from '../core/emitter.ts';
import { JOURNAL_VERSION, type JournalEvent, type JournalFact } from './events.ts';

/**
 * The only writer of run facts: appends one line a fact and tells those who watch live. Written
 * synchronously, so that what was told is also in the file when the process is killed right after.
 */
export class JournalWriter implements Disposable {
  readonly path: string;
  readonly #clock: Clock;
  readonly #runId: string;
  readonly #startedAtMs: number;
  readonly #emitter: Emitter<JournalEvent>;
  #descriptor: number | undefined;
  #seq = 0;
  #bytes = 0;
  #onFailure: ((error: Error) => void) | undefined;

  /** Throws the file system's error where the file cannot be made; an existing file is an error too. */
  constructor(path: string, runId: string, clock: Clock, onListenerError?: (error: unknown) => void) {
    this.path = path;
    this.#clock = clock;
    this.#runId = runId;
    this.#startedAtMs = clock.monotonicMs();
    this.#emitter = new Emitter(onListenerError);
    this.#descriptor = openSync(path, 'wx');
  }

  /** Milliseconds since the journal was opened. */
  elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedAtMs;
  }

  onEvent(listener: (event: JournalEvent) => void): Unsubscribe {
    return this.#emitter.on(listener);
  }

  /**
   * Called when a line cannot be written (a full disk), instead of the error being thrown at whoever told the fact. What
   * comes after it is dropped: a file that lacks a line in its middle would tell of another run.
   */
  onFailure(listener: (error: Error) => void): void {
    this.#onFailure = listener;
  }

  /**
   * Facts that come after `close` are dropped: a run that has ended learns nothing more. Throws the file system's error
   * where nobody listens for it.
   */
  append(fact: JournalFact): void {
    if (this.#descriptor === undefined) return;
    this.#seq += 1;
    const envelope = {
      v: JOURNAL_VERSION,
      seq: this.#seq,
      at: new Date(this.#clock.now()).toISOString(),
      mono_ms: Math.round(this.elapsedMs() * 10) / 10,
      run_id: this.#runId,
    };
    // Once for the order of the members, once since a fact that comes from a host must not be able to say when and where it was written.
    const event = { ...envelope, ...fact, ...envelope } as JournalEvent;
    try {
      this.#write(this.#descriptor, Buffer.from(`${JSON.stringify(event)}\n`));
    } catch (error) {
      this.#fail(asError(error));
      return;
    }
    this.#emitter.emit(event);
  }

  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#descriptor = undefined;
    try {
      fsyncSync(descriptor);
    } catch (error) {
      this.#fail(asError(error));
    } finally {
      closeSync(descriptor);
    }
  }

  /** On a disk that is nearly full a write may end in mid-line, and only the next one fails; such a line is taken back. */
  #write(descriptor: number, line: Buffer): void {
    try {
      for (let written = 0; written < line.length; ) written += writeSync(descriptor, line, written);
      this.#bytes += line.length;
    } catch (error) {
      ftruncateSync(descriptor, this.#bytes);
      throw error;
    }
  }

  #fail(error: Error): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
    if (this.#onFailure === undefined) throw error;
    this.#onFailure(error);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
