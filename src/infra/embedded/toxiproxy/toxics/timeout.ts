import { defineToxic, TIMED_OUT } from './define-toxic.ts';

/** Swallows data and closes after `timeout` ms without any; 0 never closes. */
export const timeout = defineToxic({
  type: 'timeout',
  attributes: { timeout: 'int64' },
  cutsWhenRemoved: true,
  *pipe(io) {
    const timeoutMs = io.attributes.timeout > 0 ? io.attributes.timeout : Number.POSITIVE_INFINITY;
    for (;;) {
      const chunk = yield* io.readWithin(timeoutMs);
      if (chunk === TIMED_OUT) return io.cut('close');
      if (chunk === undefined) return io.end();
    }
  },
});
