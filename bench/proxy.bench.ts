import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Toxiproxy } from 'toxiproxy-node-client';
import type { Benchmark, BenchResult } from './bench.ts';
import { roundTrips, startServer, throughput } from './proxy/traffic.ts';

const ROUNDS = 7;
const MEGABYTES = 400;
const ROUND_TRIPS = 4000;
const WARM_UP_TRIPS = 500;

export const benchmark: Benchmark = {
  name: 'proxy',
  summary: 'Embedded Toxiproxy without toxics beside a bare socket pair: throughput and added round trip',
  run,
};

/** Bare and proxied rounds alternate, so that whatever else the machine does meets both. */
async function run(): Promise<BenchResult> {
  const child = fork(fileURLToPath(new URL('./proxy/proxy-process.ts', import.meta.url)));
  const [url] = (await once(child, 'message')) as [string];
  const server = await startServer();
  const proxy = await new Toxiproxy(url).createProxy({ name: 'bench', listen: '127.0.0.1:0', upstream: `127.0.0.1:${server.port}` });
  const proxyPort = Number(proxy.listen.split(':').at(-1));
  const bare = { rates: [] as number[], tripsUs: [] as number[] };
  const proxied = { rates: [] as number[], tripsUs: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [side, port] of [[bare, server.port], [proxied, proxyPort]] as const) {
      {
        await using pair = await server.open(port);
        const rate = await throughput(pair, MEGABYTES);
        if (round > 0) side.rates.push(rate);
      }
      await using pair = await server.open(port);
      side.tripsUs.push(...(await roundTrips(pair, ROUND_TRIPS)).slice(WARM_UP_TRIPS));
    }
  }
  server.close();
  child.disconnect();
  await once(child, 'exit');

  const bareRate = quantile(bare.rates, 0.5);
  const rate = quantile(proxied.rates, 0.5);
  const added = (share: number): number => quantile(proxied.tripsUs, share) - quantile(bare.tripsUs, share);
  return {
    name: 'proxy',
    rows: [
      { label: 'throughput, bare socket pair', value: bareRate, unit: 'MB/s', note: `median of ${ROUNDS - 1} × ${MEGABYTES} MB` },
      { label: 'throughput, through the proxy', value: rate, unit: 'MB/s' },
      { label: 'throughput, proxy to bare', value: rate / bareRate, unit: 'ratio', bar: { min: 0.35 }, note: 'every byte is read and written once more, in 64 KiB reads' },
      { label: 'round trip p50, bare socket pair', value: quantile(bare.tripsUs, 0.5), unit: 'µs' },
      { label: 'added round trip p50', value: added(0.5), unit: 'µs', bar: { max: 100 }, note: `${bare.tripsUs.length} round trips of 64 bytes each way` },
      { label: 'added round trip p99', value: added(0.99), unit: 'µs' },
    ],
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
