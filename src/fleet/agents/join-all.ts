import { raceAbort } from '../../core/abort.ts';
import type { Subscription } from '../connectors/bus/message-bus.ts';

/**
 * All or none: where one of the joins fails, or `signal` aborts first, those that succeed are left
 * again, also if they do so only later. Otherwise a retry would leave a second consumer behind.
 */
export async function joinAll(joins: readonly Promise<Subscription>[], signal: AbortSignal, onLeaveError: (error: unknown) => void): Promise<Subscription[]> {
  try {
    return await raceAbort(Promise.all(joins), signal);
  } catch (error) {
    for (const join of joins) {
      join.then(
        (subscription) => void subscription.stop(AbortSignal.abort()).catch(onLeaveError),
        // Told by the error that is thrown, or one of several like it.
        () => undefined,
      );
    }
    throw error;
  }
}
