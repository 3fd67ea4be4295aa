import { Toxiproxy } from 'toxiproxy-node-client';
import { expect, it } from 'vitest';
import { serviceNames, type RunningInfra } from '../../../src/infra/provider.ts';
import { roundTrips } from './round-trips.ts';

/** What holds of every provider's services, whatever they are made of. Proxies are put back by whoever calls it. */
export function testThroughProxies(infraOf: () => RunningInfra): void {
  it.each(serviceNames)('P01 the real client of %s works through the proxy', async (name) => {
    await expect(roundTrips[name](infraOf().hostEnvironment)).resolves.toBeUndefined();
  });

  it.each(serviceNames)('P02 disabling the proxy of %s cuts that service and no other', async (name) => {
    const infra = infraOf();
    const proxy = await new Toxiproxy(infra.toxiproxyUrl).get(name);
    await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream });
    const outcomes = await Promise.allSettled(serviceNames.map((each) => roundTrips[each](infra.hostEnvironment)));
    expect(serviceNames.filter((_, index) => outcomes[index]?.status === 'rejected')).toEqual([name]);
  });
}
