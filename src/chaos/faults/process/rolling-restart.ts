import { z } from 'zod';
import { raceAbort } from '../../../core/abort.ts';
import { hostsOf } from '../../scenario/fleet-hosts.ts';
import { duration } from '../../scenario/duration.ts';
import { defineFault } from '../fault.ts';

export const rollingRestart = defineFault({
  type: 'rolling-restart',
  family: 'process',
  summary: 'All hosts of a role are restarted one after another, each once the one before is ready',
  targets: ['host'],
  wholeRole: true,
  momentary: true,
  parameters: z.strictObject({
    grace: duration.prefault('10s').describe('Before a host is killed'),
    pause: duration.prefault('0ms').describe('Between two hosts'),
  }),
  async inject({ driver, clock }, target, { grace, pause }) {
    const hosts = hostsOf(target, driver.hosts());
    if (hosts.length === 0) throw new Error(`no host is called or has the role ${target}`);
    const stopped = new AbortController();
    let restarted = 0;
    const roll = async (): Promise<void> => {
      for (const host of hosts) {
        if (restarted > 0) await clock.sleep(pause, stopped.signal);
        await driver.restart(host, grace, stopped.signal);
        restarted += 1;
      }
    };
    const rolling = roll();
    // Looked at by `heal`; until then nobody waits for it.
    rolling.catch(() => undefined);
    return {
      heal: (signal) =>
        raceAbort(rolling, signal).catch((error: unknown) => {
          stopped.abort(error);
          throw error;
        }),
      affected: async () => ({ unit: 'processes', count: restarted }),
    };
  },
});
