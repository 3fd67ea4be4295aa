import { defineToxic } from './define-toxic.ts';

/**
 * Delays by `latency` ± `jitter` ms, counted from when a chunk arrived: chunks in flight together
 * shift together. Jitter is uniform over whole milliseconds in [-jitter, +jitter).
 */
export const latency = defineToxic({
  type: 'latency',
  attributes: { latency: 'int64', jitter: 'int64' },
  bufferedChunks: 1024,
  *pipe(io) {
    const { latency: latencyMs, jitter: jitterMs } = io.attributes;
    for (;;) {
      const chunk = yield* io.read();
      if (chunk === undefined) return io.end();
      const jitter = jitterMs > 0 ? io.rng.integer(0, jitterMs * 2 - 1) - jitterMs : 0;
      let atMs = io.monotonicMs();
      try {
        const dueMs = chunk.atMs + latencyMs + jitter;
        if (dueMs > atMs) yield* io.wait(dueMs - atMs);
        atMs = Math.max(atMs, dueMs);
      } finally {
        io.emit({ data: chunk.data, atMs });
      }
    }
  },
});
