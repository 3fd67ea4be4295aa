import { defineToxic } from './define-toxic.ts';

/** Does nothing; also what runs where the toxicity draw spared a connection. */
export const noop = defineToxic({
  type: 'noop',
  attributes: {},
  *pipe(io) {
    for (;;) {
      const chunk = yield* io.read();
      if (chunk === undefined) return io.end();
      io.emit(chunk);
    }
  },
});
