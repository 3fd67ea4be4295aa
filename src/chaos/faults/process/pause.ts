import { z } from 'zod';
import { processStart } from '../../../core/process-identity.ts';
import { defineFault } from '../fault.ts';

export const pause = defineFault({
  type: 'pause',
  family: 'process',
  summary: 'A host stands still (SIGSTOP), and goes on afterwards as if no time had passed (SIGCONT)',
  targets: ['host'],
  parameters: z.strictObject({}),
  async inject({ driver, holds, undoLog }, target) {
    const process = driver.processOf(target);
    const started = process === undefined ? undefined : processStart(process.pid);
    if (process === undefined || started === undefined) throw new Error(`host ${target} is not there to be paused`);
    const strike = undoLog.add({ kind: 'end-stopped-process', pid: process.pid, started });
    const key = `process/${process.pid}`;
    await holds.take(key, async () => process.kill('SIGSTOP'));
    return {
      heal: async () => {
        await holds.release(key, async () => process.kill('SIGCONT'));
        strike();
      },
      affected: async () => ({ unit: 'processes', count: 1 }),
    };
  },
});
