import type { NetworkInterfaceInfo } from 'node:os';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { advertisedUrl } from '../../../src/fleet/host/advertised-url.ts';

function address(text: string, internal = false): NetworkInterfaceInfo {
  const shared = { address: text, netmask: '', mac: '', internal, cidr: null };
  return text.includes(':') ? { ...shared, family: 'IPv6', scopeid: 0 } : { ...shared, family: 'IPv4' };
}
const loopback = { lo: [address('127.0.0.1', true), address('::1', true)] };

describe('where a host is reached', () => {
  it.each([
    ['127.0.0.1', undefined, loopback, 'http://127.0.0.1:7'],
    ['::1', undefined, loopback, 'http://[::1]:7'],
    ['127.0.0.1', 'elsewhere.example', loopback, 'http://elsewhere.example:7'],
    ['0.0.0.0', '2001:db8::5', loopback, 'http://[2001:db8::5]:7'],
    ['0.0.0.0', undefined, { ...loopback, eth0: [address('fe80::1'), address('2001:db8::1'), address('192.0.2.1')] }, 'http://192.0.2.1:7'],
    ['::', undefined, { ...loopback, eth0: [address('fe80::1'), address('2001:db8::1')] }, 'http://[2001:db8::1]:7'],
    ['0.0.0.0', undefined, loopback, `http://${hostname()}:7`],
  ])('F08 bound to %s and advertised as %s', (bind, advertised, interfaces, url) => {
    expect(advertisedUrl(bind, advertised, 7, interfaces)).toBe(url);
  });
});
