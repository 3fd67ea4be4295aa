import { defineToxic } from './define-toxic.ts';

/** Passes `bytes` bytes of a connection, counted through updates, then closes it. */
export const limitData = defineToxic({
  type: 'limit_data',
  attributes: { bytes: 'int64' },
  newState: () => ({ passedBytes: 0 }),
  *pipe(io) {
    for (;;) {
      const chunk = yield* io.read();
      if (chunk === undefined) return io.end();
      const data = chunk.data.subarray(0, Math.max(0, io.attributes.bytes - io.state.passedBytes));
      io.state.passedBytes += data.length;
      if (data.length > 0) io.emit({ data, atMs: chunk.atMs });
      if (io.state.passedBytes >= io.attributes.bytes) return io.cut('close');
    }
  },
});
