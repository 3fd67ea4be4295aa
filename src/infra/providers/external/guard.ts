import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { raceAbort } from '../../../core/abort.ts';
import type { ExternalTargets } from './targets.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** 127.0.0.0/8 and ::1 (RFC 1122, RFC 4291), in the notation of IPv4-mapped addresses too. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

export type Resolve = (name: string) => Promise<readonly string[]>;

const resolveName: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/**
 * Hosts among `hosts` that must not be broken: those of which any address is neither loopback nor listed. A host is listed
 * by its name or by all of its addresses; one whose name cannot be resolved is refused unless its name is listed.
 */
export async function refusedHosts(hosts: readonly string[], allowed: readonly string[], signal: AbortSignal, resolve: Resolve = resolveName): Promise<string[]> {
  const listed = new Set(allowed.map((host) => host.toLowerCase()));
  const checked = [...new Set(hosts.map((host) => host.toLowerCase()))].map(async (host) => {
    if (listed.has(host)) return [];
    const addresses = isIP(host) === 0 ? await raceAbort(resolve(host), signal).catch(() => []) : [host];
    signal.throwIfAborted();
    return addresses.length > 0 && addresses.every((address) => isLoopbackAddress(address) || listed.has(address)) ? [] : [host];
  });
  return (await Promise.all(checked)).flat();
}

/** Every host that faults would act on, or in whose Toxiproxy they would be made. The model is none: faults of it are made in our own gateway. */
export function hostsOf({ redis, postgres, kafka, toxiproxy }: ExternalTargets): string[] {
  return [redis.host, ...kafka.map(({ host }) => host), postgres.host, ...(toxiproxy === undefined ? [] : [toxiproxy.clientHost])];
}

export const allowFix = 'if they may be broken, list them in --allow-hosts, NETRA_ALLOW_HOSTS or allow_hosts of the scenario';

/** What is told of them, without the end of the sentence. */
export function refusalText(hosts: readonly string[]): string {
  return `would break ${hosts.join(', ')}, which ${hosts.length === 1 ? 'is' : 'are'} not on this machine`;
}
