import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { kafkaAccess, readAddressMap, redisAccess, urlAt } from '../../src/core/service-access.ts';

describe('how services are spoken to', () => {
  it('P01 each broker is connected to at its proxy, and one that has none not at all', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { socketFactory } = kafkaAccess({ NETRA_KAFKA_ADDRESS_MAP: `broker-1.example:9092=127.0.0.1:1,broker-2.example:9092=127.0.0.1:${port}` });
      const connect = (host: string, onConnect: () => void): ReturnType<NonNullable<typeof socketFactory>> => {
        if (socketFactory === undefined) throw new Error('there is no socket factory');
        return socketFactory({ host, port: 9092, ssl: {}, onConnect });
      };
      const connected = Promise.withResolvers<void>();
      const socket = connect('broker-2.example', connected.resolve);
      await connected.promise;
      expect([socket.remoteAddress, socket.remotePort]).toEqual(['127.0.0.1', port]);
      socket.destroy();
      expect(() => connect('broker-3.example', () => undefined)).toThrow('Kafka names the broker broker-3.example:9092, which has no proxy');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('P01 nothing is asked for where nothing is set', () => {
    expect(kafkaAccess({ NETRA_KAFKA_TLS: 'off', NETRA_KAFKA_ADDRESS_MAP: '' })).toEqual({});
    expect(redisAccess('redis://127.0.0.1:6379', {})).toEqual({});
  });

  it('P01 the name in the certificate is the service’s, whatever the address is', () => {
    expect(redisAccess('rediss://127.0.0.1:41001', { NETRA_REDIS_TLS_NAME: 'cache.example' }).tls).toMatchObject({ servername: 'cache.example' });
    expect(redisAccess('rediss://cache.example', {}).tls).toMatchObject({ servername: 'cache.example' });
    const byAddress = redisAccess('rediss://127.0.0.1', { NETRA_REDIS_TLS_NAME: '192.0.2.1' }).tls;
    expect(byAddress).not.toHaveProperty('servername');
    expect(byAddress?.checkServerIdentity?.('127.0.0.1', { subject: {}, subjectaltname: 'IP Address:127.0.0.1' } as never)).toBeInstanceOf(Error);
  });

  it('P01 address maps and URLs take IPv6', () => {
    expect([...readAddressMap('a:1=[::1]:2')]).toEqual([['a:1', { host: '::1', port: 2 }]]);
    expect(urlAt('redis://user@host:1/2', { host: '::1', port: 3 }).href).toBe('redis://user@[::1]:3/2');
    for (const wrong of ['', 'a:1', 'a:1=b', 'a:1=b:2=c:3', 'a:1=b:2,,']) expect(() => readAddressMap(wrong)).toThrow('is no pair of addresses');
  });
});
