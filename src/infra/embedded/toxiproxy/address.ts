import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ApiError } from './error-codes.ts';

export interface Address {
  /** Empty for every interface. */
  readonly host: string;
  readonly port: number;
}

/**
 * Splits `host:port` with the rules and the error texts of Go's net package: IPv6 in brackets, an
 * empty host or port allowed, nothing at all meaning any port of every interface.
 */
export function parseAddress(text: string): Address {
  if (text === '') return { host: '', port: 0 };
  const wrong = (why: string): ApiError => new ApiError(`address ${text}: ${why}`, 500);
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw wrong('missing port in address');
  let host = text.slice(0, colon);
  if (text.startsWith('[')) {
    const bracket = text.indexOf(']');
    if (bracket < 0) throw wrong("missing ']' in address");
    if (bracket === text.length - 1) throw wrong('missing port in address');
    if (bracket + 1 !== colon) throw wrong(text[bracket + 1] === ':' ? 'too many colons in address' : 'missing port in address');
    host = text.slice(1, bracket);
  } else if (host.includes(':')) {
    throw wrong('too many colons in address');
  }
  const stray = /[[\]]/.exec(host)?.[0];
  if (stray !== undefined) throw wrong(`unexpected '${stray}' in address`);
  return { host, port: parsePort(text.slice(colon + 1)) };
}

function parsePort(text: string): number {
  if (text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) throw new ApiError(`lookup tcp/${text}: unknown port`, 500);
  const port = Number(text);
  if (port < 0 || port > 65_535) throw new ApiError(`address ${text}: invalid port`, 500);
  return port;
}

/** The address with its host name looked up, IPv4 before IPv6. */
export async function resolveAddress(text: string): Promise<Address> {
  const { host, port } = parseAddress(text);
  if (host === '' || isIP(host) !== 0) return { host, port };
  try {
    const { address } = await lookup(host, { order: 'ipv4first' });
    return { host: address, port };
  } catch (error) {
    throw new ApiError(`lookup ${host}: no such host`, 500, error);
  }
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
