import { z } from 'zod';
import { serviceNames } from '../../../infra/provider.ts';
import { defineFault } from '../fault.ts';
import { ProxySwitch } from './proxy-switch.ts';

export const down = defineFault({
  type: 'down',
  family: 'network',
  summary: 'The service is gone: open connections end, new ones are refused',
  targets: serviceNames,
  parameters: z.strictObject({}),
  async inject(context, target, _parameters, signal) {
    const proxy = new ProxySwitch(context, target);
    await proxy.off(signal);
    return { heal: (healSignal) => proxy.heal(healSignal), affected: async () => proxy.affected() };
  },
});
