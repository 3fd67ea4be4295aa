/**
 * Effects that several faults may want at the same time: the first hold of a key applies the effect, the
 * last release takes it back. Calls for one key run one after another.
 */
export class Holds {
  readonly #counts = new Map<string, number>();
  readonly #last = new Map<string, Promise<unknown>>();

  /** Rejects with what `apply` throws; the key is not held then. */
  take(key: string, apply: () => Promise<void>): Promise<void> {
    return this.#inTurn(key, async () => {
      const count = this.#counts.get(key) ?? 0;
      if (count === 0) await apply();
      this.#counts.set(key, count + 1);
    });
  }

  /** Call once for each `take` that resolved. A failed `undo` leaves the key free all the same. */
  release(key: string, undo: () => Promise<void>): Promise<void> {
    return this.#inTurn(key, async () => {
      const count = this.#counts.get(key) ?? 0;
      this.#counts.set(key, Math.max(0, count - 1));
      if (count === 1) await undo();
    });
  }

  #inTurn(key: string, change: () => Promise<void>): Promise<void> {
    const result = (this.#last.get(key) ?? Promise.resolve()).then(change);
    // The caller hears of a failure; whoever comes next must get its turn all the same.
    this.#last.set(
      key,
      result.catch(() => undefined),
    );
    return result;
  }
}
