import { refusalText, refusedHosts } from '../../infra/providers/external/guard.ts';
import type { ExternalTargets } from '../../infra/providers/external/targets.ts';
import type { RunningInfra } from '../../infra/provider.ts';

/**
 * Why a service must not be broken by hand: where it is, or where its proxies are, is neither this machine nor among
 * `allowed`. Undefined where it may be. The model's faults are made in our own gateway.
 */
export async function whyNotBreak(service: string, { hostEnvironment }: Pick<RunningInfra, 'hostEnvironment'>, targets: ExternalTargets | undefined, allowed: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  if (targets === undefined) return undefined;
  const { redis, postgres, kafka, toxiproxy } = targets;
  const places: Readonly<Record<string, readonly string[]>> = {
    redis: [redis.host],
    postgres: [postgres.host],
    kafka: [...kafka.map(({ host }) => host), ...brokersOf(hostEnvironment.NETRA_KAFKA_ADDRESS_MAP ?? '')],
  };
  const hosts = places[service];
  if (hosts === undefined) return undefined;
  const refused = await refusedHosts([...hosts, ...(toxiproxy === undefined ? [] : [toxiproxy.clientHost])], allowed, signal);
  return refused.length === 0 ? undefined : `it ${refusalText(refused)}; where that is wanted, list what may be broken in --allow-hosts or NETRA_ALLOW_HOSTS`;
}

/** Those that the cluster has named: `broker:9092=127.0.0.1:41001,…`. */
function brokersOf(addressMap: string): string[] {
  return addressMap.split(',').flatMap((pair) => {
    const [address = ''] = pair.split('=');
    return address === '' ? [] : [address.slice(0, address.lastIndexOf(':'))];
  });
}
