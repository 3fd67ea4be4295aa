import { defineToxic } from './define-toxic.ts';

/** Swallows the first chunk (or the end) of its direction and resets both peers `timeout` ms later. */
export const resetPeer = defineToxic({
  type: 'reset_peer',
  attributes: { timeout: 'int64' },
  *pipe(io) {
    yield* io.read();
    // The chunk is gone, so this connection can no longer be let off.
    io.commit();
    if (io.attributes.timeout > 0) yield* io.wait(io.attributes.timeout);
    io.cut('reset');
  },
});
