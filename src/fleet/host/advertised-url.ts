import { isIPv6 } from 'node:net';
import { hostname, networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

const everywhere = ['0.0.0.0', '::', '[::]'];

/**
 * Where other hosts reach this one: what was advertised, else what it is bound to. Bound to every address it is
 * reached at none of that name: then the first address that is not loopback counts, and without one the machine's name.
 */
export function advertisedUrl(bind: string, advertised: string | undefined, port: number, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces()): string {
  const host = advertised ?? (everywhere.includes(bind) ? outwardAddress(interfaces) : bind);
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function outwardAddress(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string {
  const outward = Object.values(interfaces).flatMap((addresses) => (addresses ?? []).filter(({ internal, address }) => !internal && !address.startsWith('fe80:')));
  return (outward.find(({ family }) => family === 'IPv4') ?? outward[0])?.address ?? hostname();
}
