import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress, resolveAddress } from '../../../../src/infra/embedded/toxiproxy/address.ts';

describe('addresses as Go takes them', () => {
  test.each([
    ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['redis:6379', { host: 'redis', port: 6379 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    [':8080', { host: '', port: 8080 }],
    ['localhost:', { host: 'localhost', port: 0 }],
    ['', { host: '', port: 0 }],
  ])('P01 %j is read', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.each([
    ['bad', 'address bad: missing port in address'],
    ['a:b:c', 'address a:b:c: too many colons in address'],
    ['::1:0', 'address ::1:0: too many colons in address'],
    ['[::1', "address [::1: missing ']' in address"],
    ['[::1]', 'address [::1]: missing port in address'],
    ['[::1]x:1', 'address [::1]x:1: missing port in address'],
    ['[::1]:1:2', 'address [::1]:1:2: too many colons in address'],
    ['a]:1', "address a]:1: unexpected ']' in address"],
    ['a[:1', "address a[:1: unexpected '[' in address"],
    ['a:99999', 'address 99999: invalid port'],
    ['a:-1', 'address -1: invalid port'],
    ['a:http!', 'lookup tcp/http!: unknown port'],
  ])('P01 %j is refused with Go\'s words', (text, message) => {
    expect(() => parseAddress(text)).toThrow(message);
  });

  test('P01 names are looked up, IPv4 first, and written back with brackets around IPv6', async () => {
    expect(formatAddress(await resolveAddress('localhost:7'))).toMatch(/^(127\.0\.0\.1|\[::1\]):7$/);
    expect(formatAddress(await resolveAddress('[::1]:7'))).toBe('[::1]:7');
    expect(formatAddress(await resolveAddress(':7'))).toBe(':7');
    await expect(resolveAddress('no-such-host.invalid:1')).rejects.toThrow('lookup no-such-host.invalid: no such host');
  });
});
