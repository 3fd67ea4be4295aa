import { createHash, randomBytes } from 'node:crypto';

/**
 * A seeded stream of random numbers: sfc32 (Chris Doty-Humphrey's PractRand), 128 bits of state.
 * The same seed gives the same stream on every machine; not for secrets.
 */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [min, max], both ends included. */
  integer(min: number, max: number): number;
  /** One element; throws RangeError on an empty list. */
  pick<T>(items: readonly T[]): T;
  /** An independent stream that depends only on this one's seed and `label`, not on draws made so far. */
  fork(label: string): Rng;
}

export function createRng(seed: string | number): Rng {
  const seedText = String(seed);
  const digest = createHash('sha256').update(seedText).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = digest.readUInt32LE(12);
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  return {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (items) => {
      if (items.length === 0) throw new RangeError('pick from an empty list');
      return items[Math.floor(next() * items.length)] as (typeof items)[number];
    },
    fork: (label) => createRng(`${seedText}/${label}`),
  };
}

/** A stream seeded by the operating system, for what must differ between processes (ids, nonces). */
export function createEntropyRng(): Rng {
  return createRng(randomBytes(16).toString('hex'));
}
