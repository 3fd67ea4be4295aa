import { defineToxic } from './define-toxic.ts';

/** Passes data and holds the end of the stream back for `delay` ms. */
export const slowClose = defineToxic({
  type: 'slow_close',
  attributes: { delay: 'int64' },
  *pipe(io) {
    for (;;) {
      const chunk = yield* io.read();
      if (chunk === undefined) {
        if (io.attributes.delay > 0) yield* io.wait(io.attributes.delay);
        return io.end();
      }
      io.emit(chunk);
    }
  },
});
