import { z } from 'zod';
import { raceAbort } from '../../../core/abort.ts';
import { duration } from '../../scenario/duration.ts';
import { defineFault } from '../fault.ts';

export const restart = defineFault({
  type: 'restart',
  family: 'process',
  summary: 'A host is asked to end (SIGTERM) and is started again',
  targets: ['host'],
  momentary: true,
  parameters: z.strictObject({ grace: duration.prefault('10s').describe('Before it is killed') }),
  async inject({ driver }, target, { grace }) {
    const stopped = new AbortController();
    const restarting = driver.restart(target, grace, stopped.signal);
    // Looked at by `heal`; until then nobody waits for it.
    restarting.catch(() => undefined);
    return {
      heal: (signal) =>
        raceAbort(restarting, signal).catch((error: unknown) => {
          stopped.abort(error);
          throw error;
        }),
      affected: async () => ({ unit: 'processes', count: 1 }),
    };
  },
});
