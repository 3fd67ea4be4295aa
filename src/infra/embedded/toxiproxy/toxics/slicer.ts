import type { Rng } from '../../../../core/rng.ts';
import { defineToxic } from './define-toxic.ts';

/** A timer is no finer than this; shorter delays are added up until they reach it. */
const SHORTEST_WAIT_MS = 1;

/**
 * Cuts chunks by halving until a slice is at most `average_size` + `size_variation` bytes, the cut
 * moved by up to `size_variation`, and pauses `delay` microseconds after each slice.
 * An `average_size` of 0 or less does not slice (in Toxiproxy it brings the server down).
 */
export const slicer = defineToxic({
  type: 'slicer',
  attributes: { average_size: 'int', size_variation: 'int', delay: 'int' },
  *pipe(io) {
    const { average_size: averageBytes, size_variation: variationBytes, delay: delayUs } = io.attributes;
    let owedMs = 0;
    for (;;) {
      const chunk = yield* io.read();
      if (chunk === undefined) return io.end();
      const ends: number[] = [];
      cutPoints(0, chunk.data.length, averageBytes, Math.max(0, variationBytes), io.rng, ends);
      let sent = 0;
      try {
        for (const end of ends) {
          io.emit({ data: chunk.data.subarray(sent, end), atMs: chunk.atMs });
          sent = end;
          owedMs += Math.max(0, delayUs) / 1000;
          if (owedMs < SHORTEST_WAIT_MS) continue;
          const startedMs = io.monotonicMs();
          yield* io.wait(owedMs);
          owedMs -= io.monotonicMs() - startedMs;
        }
      } finally {
        if (sent < chunk.data.length) io.emit({ data: chunk.data.subarray(sent), atMs: chunk.atMs });
      }
    }
  },
});

/** Appends the end offset of every slice of [start, end) to `ends`, in order; no slice is empty. */
export function cutPoints(start: number, end: number, averageBytes: number, variationBytes: number, rng: Rng, ends: number[]): void {
  if (averageBytes <= 0 || end - start <= averageBytes + variationBytes) {
    ends.push(end);
    return;
  }
  const shift = variationBytes > 0 ? rng.integer(0, variationBytes * 2 - 1) - variationBytes : 0;
  const middle = Math.min(end - 1, Math.max(start + 1, start + Math.floor((end - start) / 2) + shift));
  cutPoints(start, middle, averageBytes, variationBytes, rng, ends);
  cutPoints(middle, end, averageBytes, variationBytes, rng, ends);
}
