import { Toxiproxy, type ICreateToxicBody, type Latency } from 'toxiproxy-node-client';
import { afterEach, expect, test } from 'vitest';
import { tryConnect, unusedAddress, Upstream } from './toxiproxy-sockets.ts';

function latency(more: Partial<ICreateToxicBody<Latency>> = {}): ICreateToxicBody<Latency> {
  return { name: 'slow', type: 'latency', stream: 'upstream', toxicity: 0.5, attributes: { latency: 20, jitter: 1 }, ...more };
}

/** Every call that toxiproxy-node-client documents, unmodified. */
export function clientConformance(url: () => string): void {
  const client = (): Toxiproxy => new Toxiproxy(url());
  afterEach(async () => {
    for (const proxy of Object.values(await client().getAll())) await proxy.remove();
  });

  test('P01 getVersion gives the text of the version', async () => {
    expect(JSON.parse(await client().getVersion())).toEqual({ version: expect.any(String) });
  });

  test('P01 createProxy, get, getAll and remove', async () => {
    const created = await client().createProxy({ name: 'redis', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' });
    expect(created.listen).toMatch(/^127\.0\.0\.1:[1-9]/);
    expect((await client().get('redis')).toJson()).toEqual(created.toJson());
    expect(Object.keys(await client().getAll())).toEqual(['redis']);
    await created.remove();
    await expect(client().get('redis')).rejects.toThrow('404');
  });

  test('P01 populate makes proxies by name', async () => {
    const proxies = await client().populate([
      { name: 'a', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' },
      { name: 'b', listen: '127.0.0.1:0', upstream: '127.0.0.1:9', enabled: false },
    ]);
    expect([proxies.a?.enabled, proxies.b?.enabled]).toEqual([true, false]);
    await expect(client().populate([{ name: '', listen: '', upstream: '' }])).rejects.toThrow('400');
  });

  test('P01 update takes a proxy down and up', async () => {
    const listen = await unusedAddress();
    const proxy = await client().createProxy({ name: 'p', listen, upstream: '127.0.0.1:9' });
    const down = await proxy.update({ enabled: false, listen, upstream: '127.0.0.1:9' });
    expect([down.enabled, await tryConnect(listen)]).toEqual([false, 'ECONNREFUSED']);
    const up = await down.update({ enabled: true, listen, upstream: '127.0.0.1:9' });
    expect([up.enabled, await tryConnect(listen)]).toEqual([true, 'connected']);
  });

  test('P01 addToxic, getToxic, update and remove of a toxic', async () => {
    await using upstream = await Upstream.start();
    const proxy = await client().createProxy({ name: 'p', listen: '127.0.0.1:0', upstream: upstream.address });
    const toxic = await proxy.addToxic(latency());
    expect(toxic.toJson()).toEqual(latency());
    expect((await proxy.getToxic('slow')).toJson()).toEqual(latency());
    const updated = await toxic.update(latency({ toxicity: 1, attributes: { latency: 30, jitter: 0 } }));
    expect(updated.toJson()).toEqual(latency({ toxicity: 1, attributes: { latency: 30, jitter: 0 } }));
    await expect(proxy.addToxic(latency())).rejects.toThrow('409');
    await toxic.remove();
    await expect(proxy.getToxic('slow')).rejects.toThrow('404');
  });

  test('P01 reset heals everything', async () => {
    const proxy = await client().createProxy({ name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' });
    await proxy.addToxic(latency());
    await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream });
    await client().reset();
    expect((await client().get('p')).enabled).toBe(true);
    await expect(proxy.getToxic('slow')).rejects.toThrow('404');
  });
}
