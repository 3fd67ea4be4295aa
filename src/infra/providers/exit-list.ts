import type { Unsubscribe } from '../../core/emitter.ts';
import type { UnexpectedExit } from '../provider.ts';

/** Exits that nobody asked for, also for those who ask later. */
export class ExitList {
  readonly #exits: UnexpectedExit[] = [];
  readonly #listeners = new Set<(exit: UnexpectedExit) => void>();
  #closed = false;

  /** From here on exits are wanted. */
  close(): void {
    this.#closed = true;
  }

  add(exit: UnexpectedExit): void {
    if (this.#closed) return;
    this.#exits.push(exit);
    for (const listener of this.#listeners) listener(exit);
  }

  listen(listener: (exit: UnexpectedExit) => void): Unsubscribe {
    for (const exit of this.#exits) listener(exit);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
