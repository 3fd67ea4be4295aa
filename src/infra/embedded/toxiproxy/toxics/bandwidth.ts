import { defineToxic } from './define-toxic.ts';

const PIECE_MS = 100;

/**
 * Passes `rate` KB/s, which is as many bytes a millisecond. A chunk worth more than 100 ms leaves
 * in pieces of 100 ms. Rate 0 stalls without a sign until the toxic is changed or removed.
 */
export const bandwidth = defineToxic({
  type: 'bandwidth',
  attributes: { rate: 'int64' },
  *pipe(io) {
    const bytesPerMs = io.attributes.rate;
    const pieceBytes = bytesPerMs * PIECE_MS;
    // Below zero after a timer that fired late; the next chunk is sent that much sooner.
    let owedMs = 0;
    for (;;) {
      const chunk = yield* io.read();
      if (chunk === undefined) return io.end();
      let rest = chunk.data;
      try {
        if (bytesPerMs <= 0) yield* io.wait(Number.POSITIVE_INFINITY);
        owedMs += rest.length / bytesPerMs;
        while (rest.length > pieceBytes) {
          const startedMs = io.monotonicMs();
          yield* io.wait(PIECE_MS);
          owedMs -= io.monotonicMs() - startedMs;
          io.emit({ data: rest.subarray(0, pieceBytes), atMs: chunk.atMs });
          rest = rest.subarray(pieceBytes);
        }
        if (owedMs > 0) {
          const startedMs = io.monotonicMs();
          yield* io.wait(owedMs);
          owedMs -= io.monotonicMs() - startedMs;
        }
      } finally {
        io.emit({ data: rest, atMs: chunk.atMs });
      }
    }
  },
});
