import { raceAbort } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { InfraUnavailable } from '../error-codes.ts';
import type { ServiceName } from '../provider.ts';

const DEFAULT_PAUSE_MS = 10;

/** Asks until `probe` resolves. Rejects with InfraUnavailable when it does, or, once `signal` aborts, with what kept the service last. */
export async function waitUntilReady(name: ServiceName | 'toxiproxy', probe: () => Promise<void>, clock: Clock, signal: AbortSignal, pauseMs = DEFAULT_PAUSE_MS): Promise<void> {
  for (let reason: unknown; ; ) {
    try {
      await raceAbort(probe(), signal);
      return;
    } catch (error) {
      if (error instanceof InfraUnavailable && !signal.aborted) throw error;
      if (signal.aborted) throw reason === undefined ? error : new InfraUnavailable(`${name} was not ready in time: ${asError(reason).message}.`, { cause: error });
      reason = error;
    }
    await clock.sleep(pauseMs, signal);
  }
}
