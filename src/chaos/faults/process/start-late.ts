import { z } from 'zod';
import { serviceNames } from '../../../infra/provider.ts';
import { ProxySwitch } from '../network/proxy-switch.ts';
import { defineFault } from '../fault.ts';

export const startLate = defineFault({
  type: 'start-late',
  family: 'process',
  summary: 'The hosts are started before the service can be reached',
  targets: serviceNames,
  precedesFleet: true,
  parameters: z.strictObject({}),
  async inject(context, target, _parameters, signal) {
    const proxy = new ProxySwitch(context, target);
    await proxy.off(signal);
    // A connection that is cut before there is a fleet was of somebody who looked whether the service is ready.
    return { heal: (healSignal) => proxy.heal(healSignal), affected: async () => proxy.missed() };
  },
});
