import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, refusedHosts } from '../../../../src/infra/providers/external/guard.ts';

const never = new AbortController().signal;
const names: Readonly<Record<string, readonly string[]>> = { mine: ['127.0.0.1', '::1'], theirs: ['192.0.2.7'], both: ['127.0.0.1', '192.0.2.7'] };
const resolve = async (name: string): Promise<readonly string[]> => {
  const addresses = names[name];
  if (addresses === undefined) throw new Error(`getaddrinfo ENOTFOUND ${name}`);
  return addresses;
};

describe('the guard of hosts', () => {
  it.each([['127.0.0.1', true], ['127.8.9.10', true], ['::1', true], ['::ffff:127.0.0.1', true], ['128.0.0.1', false], ['0.0.0.0', false], ['::', false], ['::ffff:10.0.0.1', false], ['localhost', false]])('P01 %s: loopback %s', (address, expected) => {
    expect(isLoopbackAddress(address)).toBe(expected);
  });

  it.each<[string, readonly string[], boolean]>([
    ['mine', [], false],
    ['127.0.0.2', [], false],
    ['theirs', [], true],
    ['THEIRS', ['theirs'], false],
    ['theirs', ['192.0.2.7'], false],
    ['both', [], true],
    ['unknown', [], true],
    ['unknown', ['unknown'], false],
    ['192.0.2.7', [], true],
    ['192.0.2.7', ['192.0.2.8'], true],
  ])('P01 %s with %j allowed: refused %s', async (host, allowed, refused) => {
    expect(await refusedHosts([host], allowed, never, resolve)).toEqual(refused ? [host.toLowerCase()] : []);
  });

  it('P01 names every refused host once, and resolves localhost by itself', async () => {
    expect(await refusedHosts(['localhost', '192.0.2.1', '192.0.2.2', '192.0.2.1'], [], never)).toEqual(['192.0.2.1', '192.0.2.2']);
  });
});
