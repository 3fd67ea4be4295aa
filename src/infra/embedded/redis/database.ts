import { matchesGlob } from './glob.ts';
import type { Value } from './values/value.ts';

export interface Entry {
  value: Value;
  /** Wall-clock milliseconds; Infinity for a key that stays. */
  expiresAtMs: number;
  /** Rises with every key created; what SCAN's cursor counts. */
  readonly sequence: number;
}

/** The instant that the running command sees; the same for a whole transaction or script. */
export interface CommandTime {
  nowMs: number;
}

/** Told of every change of a key: created, altered, expired or deleted. */
export type KeyModified = (database: Database, key: string) => void;

/** One of the 16 numbered key spaces: lookup with lazy expiry, and the bookkeeping of what expires. */
export class Database {
  readonly index: number;
  readonly #time: CommandTime;
  readonly #onModified: KeyModified;
  #entries = new Map<string, Entry>();
  #expiring = new Set<string>();
  #sweepPosition: Iterator<string> = this.#expiring.values();
  #sequence = 0;
  expiredCount = 0;

  constructor(index: number, time: CommandTime, onModified: KeyModified) {
    this.index = index;
    this.#time = time;
    this.#onModified = onModified;
  }

  /** Keys held, counting those whose time is over but that nothing has met yet. */
  get size(): number {
    return this.#entries.size;
  }

  get expiringSize(): number {
    return this.#expiring.size;
  }

  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAtMs > this.#time.nowMs) return entry;
    this.#expire(key);
    return undefined;
  }

  value(key: string): Value | undefined {
    return this.get(key)?.value;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Whether a key is there whose time is over: what WATCH has to tell apart. */
  isStale(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAtMs <= this.#time.nowMs;
  }

  /** Stores a value under a key, without or with a time to live; a key that exists keeps its place in SCAN's order. */
  set(key: string, value: Value, expiresAtMs = Number.POSITIVE_INFINITY): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#entries.set(key, { value, expiresAtMs, sequence: ++this.#sequence });
    } else {
      entry.value = value;
      entry.expiresAtMs = expiresAtMs;
    }
    this.#noteExpiry(key, expiresAtMs);
    this.#onModified(this, key);
  }

  /** Replaces the value and keeps the time to live. */
  replace(key: string, value: Value): void {
    this.set(key, value, this.get(key)?.expiresAtMs);
  }

  setExpiry(key: string, expiresAtMs: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.expiresAtMs = expiresAtMs;
    this.#noteExpiry(key, expiresAtMs);
    this.#onModified(this, key);
  }

  delete(key: string): boolean {
    if (this.get(key) === undefined) return false;
    this.#remove(key);
    return true;
  }

  /** To be called after a container was altered in place; `isEmpty` removes its key. */
  touched(key: string, isEmpty = false): void {
    if (isEmpty) this.#remove(key);
    else this.#onModified(this, key);
  }

  clear(): void {
    const entries = this.#entries;
    this.#entries = new Map();
    this.#expiring = new Set();
    this.#sweepPosition = this.#expiring.values();
    for (const key of entries.keys()) this.#onModified(this, key);
  }

  /** Exchanges the contents of two databases. */
  swap(other: Database): void {
    [this.#entries, other.#entries] = [other.#entries, this.#entries];
    [this.#expiring, other.#expiring] = [other.#expiring, this.#expiring];
    this.#sequence = other.#sequence = Math.max(this.#sequence, other.#sequence);
    for (const database of [this, other]) {
      database.#sweepPosition = database.#expiring.values();
      for (const key of new Set([...this.#entries.keys(), ...other.#entries.keys()])) this.#onModified(database, key);
    }
  }

  keys(pattern: string): string[] {
    const found: string[] = [];
    const all = pattern === '*';
    for (const [key, entry] of this.#entries) {
      if (entry.expiresAtMs > this.#time.nowMs && (all || matchesGlob(pattern, key))) found.push(key);
    }
    return found;
  }

  /**
   * One step of SCAN over keys created from `next` on, up to and including `last` (or, at the
   * start, everything there is): every key that stays is met exactly once, and keys created
   * during the scan do not prolong it.
   */
  scan(next: number, last: number | undefined, count: number): { keys: string[]; next: number | undefined; last: number } {
    const end = last ?? this.#sequence;
    const keys: string[] = [];
    for (const [key, entry] of this.#entries) {
      if (entry.sequence < next) continue;
      if (entry.sequence > end) break;
      if (keys.length >= count) return { keys, next: entry.sequence, last: end };
      keys.push(key);
    }
    return { keys, next: undefined, last: end };
  }

  /** Removes expired keys among at most `limit` looked at, going on where the last call ended; how many were removed. */
  sweep(limit: number): number {
    let removed = 0;
    for (let seen = 0; seen < limit && this.#expiring.size > 0; seen++) {
      const step = this.#sweepPosition.next();
      if (step.done === true) {
        this.#sweepPosition = this.#expiring.values();
        return removed;
      }
      if (!this.isStale(step.value)) continue;
      this.#expire(step.value);
      removed++;
    }
    return removed;
  }

  #expire(key: string): void {
    this.expiredCount++;
    this.#remove(key);
  }

  #remove(key: string): void {
    this.#entries.delete(key);
    this.#expiring.delete(key);
    this.#onModified(this, key);
  }

  #noteExpiry(key: string, expiresAtMs: number): void {
    if (expiresAtMs === Number.POSITIVE_INFINITY) this.#expiring.delete(key);
    else this.#expiring.add(key);
  }
}
