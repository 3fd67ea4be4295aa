import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
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

  /** Facts that come after `close` are dropped: a run that has ended learns nothing more. */
  append(fact: JournalFact): void {
    if (this.#descriptor === undefined) return;
    this.#seq += 1;
    const event = {
      v: JOURNAL_VERSION,
      seq: this.#seq,
      at: new Date(this.#clock.now()).toISOString(),
      mono_ms: Math.round(this.elapsedMs() * 10) / 10,
      run_id: this.#runId,
      ...fact,
    } as JournalEvent;
    writeSync(this.#descriptor, `${JSON.stringify(event)}\n`);
    this.#emitter.emit(event);
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
