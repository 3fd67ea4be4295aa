import { z } from 'zod';
import { serviceNames } from '../../../infra/provider.ts';
import { duration } from '../../scenario/duration.ts';
import { defineFault } from '../fault.ts';
import { ProxySwitch } from './proxy-switch.ts';

export const flapping = defineFault({
  type: 'flapping',
  family: 'network',
  summary: 'The service goes and comes back, again and again',
  targets: serviceNames,
  parameters: z.strictObject({
    down_for: duration.describe('How long it is gone each time').meta({ examples: ['2s'] }),
    up_for: duration.describe('How long it is there in between').meta({ examples: ['3s'] }),
  }),
  async inject(context, target, { down_for: downMs, up_for: upMs }, signal) {
    const proxy = new ProxySwitch(context, target);
    const ending = new AbortController();
    await proxy.off(signal);
    const flap = async (): Promise<void> => {
      while (!ending.signal.aborted) {
        await context.clock.sleep(downMs, ending.signal);
        // Not to be left half way: healing waits for it.
        await proxy.on();
        await context.clock.sleep(upMs, ending.signal);
        await proxy.off(ending.signal);
      }
    };
    let broken: unknown;
    const flaps = flap().catch((error: unknown) => {
      if (!ending.signal.aborted) broken = error;
    });
    return {
      heal: async (healSignal) => {
        ending.abort(new Error('the fault is taken back'));
        await flaps;
        await proxy.heal(healSignal);
        if (broken !== undefined) throw new Error(`${target} stopped flapping before its time`, { cause: broken });
      },
      affected: async () => proxy.affected(),
    };
  },
});
