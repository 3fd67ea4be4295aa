import { Lab } from '../test/helpers/lab.ts';
import { median, percentile, type Benchmark, type BenchResult } from './bench.ts';
import { metricCallUs } from './telemetry/call-cost.ts';
import { cpuMs, metricCalls } from './telemetry/host-figures.ts';

const jobs = 200;
const scrapes = 200;

/** What it costs to be watched: a scrape, and counting itself. Metrics have no switch, so their share is calls × cost of a call ÷ processor time. */
export const benchmark: Benchmark = {
  name: 'telemetry',
  summary: 'time of a scrape, and the share of the hosts\' work that metrics take (about 30 s)',
  async run(): Promise<BenchResult> {
    const callUs = metricCallUs();
    await using lab = await Lab.start({ concurrency: 16 });
    const hosts = ['business-1', 'control-1', 'reporting-1'];
    await work(lab, 'warm-up', 20);
    const before = await figures(lab, hosts);
    const startedMs = performance.now();
    await work(lab, 'job', jobs);
    const seconds = (performance.now() - startedMs) / 1_000;
    const after = await figures(lab, hosts);
    const calls = (after.calls - before.calls) / jobs;
    const cpu = (after.cpuMs - before.cpuMs) / jobs;
    const rows: BenchResult['rows'][number][] = [
      { label: 'one count or observation', value: callUs, unit: 'µs' },
      { label: 'counts and observations of one job', value: calls, unit: 'calls', note: 'all hosts together' },
      { label: 'processor time of one job', value: cpu, unit: 'ms', note: `all hosts together, at ${(jobs / seconds).toFixed(1)} jobs/s` },
      { label: 'share of metrics', value: ((calls * callUs) / 1_000 / cpu) * 100, unit: '%', bar: { max: 2 }, note: 'of the hosts\' processor time' },
    ];
    const times = new Map(hosts.map((host) => [host, [] as number[]]));
    // By turns, so that what else the machine does meets all of them.
    for (let turn = 0; turn < scrapes; turn++) {
      for (const host of hosts) {
        const beganMs = performance.now();
        await scrape(lab, host);
        times.get(host)?.push(performance.now() - beganMs);
      }
    }
    for (const [host, each] of times) {
      rows.push(
        { label: `scrape of ${host}, median`, value: median(each), unit: 'ms', bar: { max: 10 } },
        { label: `scrape of ${host}, p95`, value: percentile(each, 0.95), unit: 'ms' },
      );
    }
    return { name: 'telemetry', rows };
  },
};

async function work(lab: Lab, name: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  await Promise.all(names.map((each) => lab.submit(each)));
  for (const each of names) await lab.completed(each);
}

async function figures(lab: Lab, hosts: readonly string[]): Promise<{ readonly calls: number; readonly cpuMs: number }> {
  const each = await Promise.all(
    hosts.map(async (host) => {
      const started = lab.events.find((event) => event.type === 'host.started' && event.host === host);
      if (started?.type !== 'host.started') throw new Error(`${host} was not started`);
      return { calls: metricCalls(await scrape(lab, host)), cpuMs: await cpuMs(started.pid) };
    }),
  );
  return { calls: each.reduce((sum, { calls }) => sum + calls, 0), cpuMs: each.reduce((sum, { cpuMs: ms }) => sum + ms, 0) };
}

async function scrape(lab: Lab, host: string): Promise<string> {
  const response = await fetch(`${lab.driver.url(host)}/metrics`, { headers: { authorization: `Bearer ${lab.token}` } });
  if (!response.ok) throw new Error(`${host} answered ${response.status}`);
  return response.text();
}
