import type { Rng } from '../../../../core/rng.ts';

/** `count` different elements, in random order; all of them where there are fewer. */
export function sampleDistinct<T>(rng: Rng, items: readonly T[], count: number): T[] {
  const pool = [...items];
  const taken = Math.min(count, pool.length);
  // Fisher and Yates, as far as needed.
  for (let at = 0; at < taken; at++) {
    const other = rng.integer(at, pool.length - 1);
    [pool[at], pool[other]] = [pool[other] as T, pool[at] as T];
  }
  return pool.slice(0, taken);
}

/** `count` elements drawn independently; the same one may come again. */
export function sampleRepeating<T>(rng: Rng, items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, () => rng.pick(items));
}
