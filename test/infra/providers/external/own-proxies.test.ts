import { Toxiproxy } from 'toxiproxy-node-client';
import { describe, expect, it } from 'vitest';
import { startToxiproxy } from '../../../../src/infra/embedded/toxiproxy/server.ts';
import { OwnProxies } from '../../../../src/infra/providers/external/own-proxies.ts';

const never = new AbortController().signal;
const upstream = '127.0.0.1:1';

async function setUp(): Promise<{ url: string; toxiproxy: Toxiproxy; names: () => Promise<string[]> } & AsyncDisposable> {
  const server = await startToxiproxy();
  const url = `http://${server.host}:${server.port}`;
  const toxiproxy = new Toxiproxy(url);
  return { url, toxiproxy, names: async () => Object.keys(await toxiproxy.getAll()).toSorted(), [Symbol.asyncDispose]: () => server.close() };
}

describe('proxies in a Toxiproxy of others', () => {
  it('P01 are made and removed, and theirs stay', async () => {
    await using own = await setUp();
    await own.toxiproxy.createProxy({ name: 'theirs', listen: '127.0.0.1:0', upstream });
    const proxies = new OwnProxies({ url: own.url, bindHost: '127.0.0.1', ports: [], clientHost: '127.0.0.1' });
    const endpoints = await proxies.make([{ name: 'a', upstream }, { name: 'b', upstream }], never);
    expect(endpoints.map(({ host, port }) => [host, port > 0])).toEqual([['127.0.0.1', true], ['127.0.0.1', true]]);
    expect(await own.names()).toEqual(['a', 'b', 'theirs']);
    await (await own.toxiproxy.get('a')).remove();
    expect(await proxies.remove(never)).toEqual([]);
    expect(await own.names()).toEqual(['theirs']);
  });

  it('P01 a name that is taken is an error in one sentence, and nothing is made or removed', async () => {
    await using own = await setUp();
    await own.toxiproxy.createProxy({ name: 'b', listen: '127.0.0.1:0', upstream });
    const proxies = new OwnProxies({ url: own.url, bindHost: '127.0.0.1', ports: [], clientHost: '127.0.0.1' });
    await expect(proxies.make([{ name: 'a', upstream }, { name: 'b', upstream }], never)).rejects.toThrow(`Toxiproxy at ${own.url} has a proxy named b already; remove it there if nobody needs it.`);
    await proxies.remove(never);
    expect(await own.names()).toEqual(['b']);
  });

  it('P01 listen on the ports that were named, past those in use; too few are told with how many it takes', async () => {
    await using own = await setUp();
    const theirs = await own.toxiproxy.createProxy({ name: 'theirs', listen: '127.0.0.1:0', upstream });
    const used = Number(theirs.listen.split(':').at(-1));
    await using other = await setUp(); // Its API's port is one that is in use outside of the Toxiproxy.
    const busy = Number(new URL(other.url).port);
    const free = await other.toxiproxy.createProxy({ name: 'probe', listen: '127.0.0.1:0', upstream });
    const port = Number(free.listen.split(':').at(-1));
    await free.remove();
    const place = { url: own.url, bindHost: '127.0.0.1', clientHost: 'tools.example' };
    const proxies = new OwnProxies({ ...place, ports: [used, busy, port] });
    expect(await proxies.make([{ name: 'a', upstream }], never)).toEqual([{ host: 'tools.example', port }]);
    const more = new OwnProxies({ ...place, ports: [used, port] });
    await expect(more.make([{ name: 'b', upstream }], never)).rejects.toThrow(/has no port left for b; NETRA_TOXIPROXY_LISTEN has to name 1 /);
  });

  it('P01 an address that Toxiproxy cannot listen on is told in its own words', async () => {
    await using own = await setUp();
    const proxies = new OwnProxies({ url: own.url, bindHost: '192.0.2.1', ports: [], clientHost: '192.0.2.1' });
    await expect(proxies.make([{ name: 'a', upstream }], never)).rejects.toThrow(/does not make a proxy that listens on 192\.0\.2\.1: .+; NETRA_TOXIPROXY_LISTEN says/);
    expect(await own.names()).toEqual([]);
  });
});
