/**
 * A promise that rejects in the next microtask, when its caller has had the time to attach a handler.
 * One that is rejected already when it is handed out costs three times as much: Node is told that a
 * rejection is unhandled, and then that it is handled after all.
 */
export function rejectSoon(error: Error): Promise<never> {
  return new Promise((_, reject) => queueMicrotask(() => reject(error)));
}
