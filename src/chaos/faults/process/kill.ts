import { z } from 'zod';
import { raceAbort } from '../../../core/abort.ts';
import { defineFault } from '../fault.ts';

export const kill = defineFault({
  type: 'kill',
  family: 'process',
  summary: 'A host is killed (SIGKILL) and started again like one that crashed',
  targets: ['host'],
  momentary: true,
  parameters: z.strictObject({}),
  async inject({ driver }, target) {
    const killed = driver.kill(target);
    return { heal: async (signal) => raceAbort(killed, signal), affected: async () => ({ unit: 'processes', count: 1 }) };
  },
});
