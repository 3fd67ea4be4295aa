import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Toxiproxy } from 'toxiproxy-node-client';
import type { Benchmark, BenchResult } from './bench.ts';
import { keepCoresAwake } from './proxy/awake.ts';
import { startRealToxiproxy } from './proxy/real-toxiproxy.ts';
import { roundTrips, startServer, throughput } from './proxy/traffic.ts';

const ROUNDS = 7;
const MEGABYTES = 400;
const ROUND_TRIPS = 4000;
const WARM_UP_TRIPS = 500;

export const benchmark: Benchmark = {
  name: 'proxy',
  summary: 'Embedded Toxiproxy without toxics beside a bare socket pair and, where there is one, a real Toxiproxy: throughput and added round trip',
  run,
};

interface Side {
  readonly port: number;
  readonly rates: number[];
  readonly tripsUs: number[];
}

/** Rounds alternate between all sides, so that whatever else the machine does meets each. */
async function run(): Promise<BenchResult> {
  const child = fork(fileURLToPath(new URL('./proxy/proxy-process.ts', import.meta.url)));
  const [url] = (await once(child, 'message')) as [string];
  const real = await startRealToxiproxy();
  const server = await startServer();
  const letCoresSleep = await keepCoresAwake();
  const side = (port: number): Side => ({ port, rates: [], tripsUs: [] });
  const through = async (toxiproxy: Toxiproxy): Promise<Side> => {
    const proxy = await toxiproxy.createProxy({ name: 'bench', listen: '127.0.0.1:0', upstream: `127.0.0.1:${server.port}` });
    return side(Number(proxy.listen.split(':').at(-1)));
  };
  const bare = side(server.port);
  const proxied = await through(new Toxiproxy(url));
  const peer = real === undefined ? undefined : await through(real.client);
  for (let round = 0; round < ROUNDS; round++) {
    for (const { port, rates, tripsUs } of [bare, proxied, ...(peer === undefined ? [] : [peer])]) {
      {
        await using pair = await server.open(port);
        const rate = await throughput(pair, MEGABYTES);
        if (round > 0) rates.push(rate);
      }
      await using pair = await server.open(port);
      tripsUs.push(...(await roundTrips(pair, ROUND_TRIPS)).slice(WARM_UP_TRIPS));
    }
  }
  await letCoresSleep();
  server.close();
  child.disconnect();
  await Promise.all([once(child, 'exit'), real?.stop()]);

  const rate = (of: Side): number => quantile(of.rates, 0.5);
  const added = (of: Side, share: number): number => quantile(of.tripsUs, share) - quantile(bare.tripsUs, share);
  return {
    name: 'proxy',
    rows: [
      { label: 'throughput, bare socket pair', value: rate(bare), unit: 'MB/s', note: `median of ${ROUNDS - 1} × ${MEGABYTES} MB` },
      { label: 'throughput, through the proxy', value: rate(proxied), unit: 'MB/s' },
      { label: 'throughput, proxy to bare', value: rate(proxied) / rate(bare), unit: 'ratio', bar: { min: 0.35 }, note: 'every byte is read and written once more, in 64 KiB reads' },
      { label: 'round trip p50, bare socket pair', value: quantile(bare.tripsUs, 0.5), unit: 'µs' },
      { label: 'added round trip p50', value: added(proxied, 0.5), unit: 'µs', bar: { max: 100 }, note: `${bare.tripsUs.length} round trips of 64 bytes each way, no core asleep` },
      { label: 'added round trip p99', value: added(proxied, 0.99), unit: 'µs' },
      ...(real === undefined || peer === undefined
        ? [{ label: 'real Toxiproxy, none found', value: 0, unit: 'servers', note: 'put toxiproxy-server on the PATH, or its path into NETRA_TOXIPROXY_SERVER' }]
        : [
            { label: `throughput, through Toxiproxy ${real.version}`, value: rate(peer), unit: 'MB/s' },
            { label: 'throughput, embedded to real', value: rate(proxied) / rate(peer), unit: 'ratio', bar: { min: 1 } },
            { label: `added round trip p50, Toxiproxy ${real.version}`, value: added(peer, 0.5), unit: 'µs' },
            // Of whole round trips: what is added is a difference of two, and may be next to nothing on either side.
            { label: 'round trip p50, embedded to real', value: quantile(proxied.tripsUs, 0.5) / quantile(peer.tripsUs, 0.5), unit: 'ratio', bar: { max: 1 } },
          ]),
    ],
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
