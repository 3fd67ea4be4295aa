import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import type { ErrorKind } from '../classify/error-class.ts';
import { outageKinds, type FallbackStrategy } from './fallback.ts';

export interface CachedFallbackOptions<T> {
  /** What the value belongs to: a customer, a run. Values of different calls never mix, whatever the key. */
  readonly key: string;
  /** Older values are not served, in milliseconds. @default Infinity */
  readonly maxAgeMs?: number;
  /** Writes the age into the value, so that whoever reads it knows that it is old. */
  readonly annotate?: (value: T, ageMs: number) => T;
  /** Errors that it answers. @default outageKinds */
  readonly kinds?: readonly ErrorKind[];
}

/** The last good answer of each call and key; those used longest ago go first. Values are handed out as they came: do not change them. */
export class LastGoodCache<T> {
  readonly #clock: Clock;
  readonly #entries: LRUCache<string, { readonly value: T; readonly storedAtMs: number }>;

  /** @param maxEntries @default 1000 */
  constructor(clock: Clock, maxEntries = 1_000) {
    this.#clock = clock;
    this.#entries = new LRUCache({ max: maxEntries });
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A fallback that remembers each success and answers failures with it. */
  fallback(options: CachedFallbackOptions<T>): FallbackStrategy<T> {
    const { key, maxAgeMs = Infinity, annotate, kinds = outageKinds } = options;
    return {
      kind: 'cached',
      remember: (value, name) => void this.#entries.set(`${name} ${key}`, { value, storedAtMs: this.#clock.monotonicMs() }),
      recover: ({ name, errorClass }) => {
        const entry = kinds.includes(errorClass.kind) ? this.#entries.get(`${name} ${key}`) : undefined;
        if (entry === undefined) return undefined;
        const ageMs = this.#clock.monotonicMs() - entry.storedAtMs;
        if (ageMs > maxAgeMs) return undefined;
        return { value: annotate === undefined ? entry.value : annotate(entry.value, ageMs), ageMs };
      },
    };
  }
}
