import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

let quieted = false;

/**
 * Ends a busy loop in kafkajs 2.2.4 (`network/requestQueue`). After every answer it schedules a look at
 * the requests held back by throttling, also where there are none: with the delay `-1 - now`, which
 * Node makes 1 ms (and, from 24 on, warns about on stderr), and then again, for ever. Each connection
 * wakes the process a thousand times a second; twenty consumers cost 2.5 % of a core for nothing.
 *
 * Without held-back requests there is nothing to look at, so nothing is scheduled. A request that is
 * held back later schedules its own look.
 */
export function quietIdleTimers(): void {
  if (quieted) return;
  quieted = true;
  const load = createRequire(import.meta.url);
  const { prototype } = load('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'scheduleCheckPendingRequests') as TypedPropertyDescriptor<(this: RequestQueue) => void>;
  const schedule = descriptor.value;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule?.call(this);
  };
}
