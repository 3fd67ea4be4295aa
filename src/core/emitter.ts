/** Ends a subscription; calling it again does nothing. */
export type Unsubscribe = () => void;

/**
 * Typed event source. A listener that throws is reported to `onListenerError` and never reaches
 * the emitting code; emitting with no listener is a length check.
 */
export class Emitter<Event> {
  #listeners: readonly ((event: Event) => void)[] = [];
  readonly #onListenerError: (error: unknown) => void;

  constructor(onListenerError: (error: unknown) => void = () => undefined) {
    this.#onListenerError = onListenerError;
  }

  get hasListeners(): boolean {
    return this.#listeners.length > 0;
  }

  on(listener: (event: Event) => void): Unsubscribe {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  emit(event: Event): void {
    if (this.#listeners.length === 0) return;
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}
