import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-models/apps/v1';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { systemClock, type Clock } from '../../../src/core/clock.ts';
import { until } from '../../helpers/until.ts';
import { FleetServers, type TestHost } from './fleet-servers.ts';

const deploy = join(import.meta.dirname, '../../../deploy/kubernetes');
const period = { from: '2025-01-01', to: '2025-12-31' };

interface Detail {
  readonly level: number;
  readonly status: string;
  readonly dependencies: Readonly<Record<string, { readonly up: boolean }>>;
  readonly breakers: Readonly<Record<string, string>>;
}

/** Probes come as often as usual, and a breaker's open time lasts twenty times as long: nothing here closes by waiting. */
const patient: Clock = { now: () => systemClock.now(), monotonicMs: () => systemClock.monotonicMs() / 20, setTimer: systemClock.setTimer.bind(systemClock), sleep: systemClock.sleep.bind(systemClock) };

let servers: FleetServers;
let probes: { readonly live: string; readonly ready: string };

beforeAll(async () => {
  servers = await FleetServers.start();
  const texts = await Promise.all((await readdir(deploy)).map((file) => readFile(join(deploy, file), 'utf8')));
  const deployments = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Deployment)).filter(({ kind }) => kind === 'Deployment');
  const asked = deployments.flatMap(({ spec }) => spec?.template.spec?.containers ?? []).map(({ livenessProbe, readinessProbe }) => ({ live: livenessProbe?.httpGet?.path ?? '', ready: readinessProbe?.httpGet?.path ?? '' }));
  const [first] = asked;
  if (first === undefined || asked.length !== 3 || asked.some(({ live, ready }) => live !== first.live || ready !== first.ready)) throw new Error(`the three Deployments ask differently: ${JSON.stringify(asked)}`);
  probes = first;
}, 60_000);
afterAll(() => servers[Symbol.asyncDispose](), 30_000);

async function detail(host: TestHost): Promise<Detail> {
  return (await host.get<Detail>('/health/detailed')).body;
}

/** As Kubernetes asks: without a token. */
async function asKubernetes(host: TestHost): Promise<{ live: number; ready: number }> {
  const [live, ready] = await Promise.all([fetch(`${host.url}${probes.live}`), fetch(`${host.url}${probes.ready}`)]);
  await Promise.all([live.arrayBuffer(), ready.arrayBuffer()]);
  return { live: live.status, ready: ready.status };
}

function work(run: string): object {
  const fact = { id: 'order.orders', agent: 'order', label: 'Orders', value: 12, unit: 'count', display: '12' };
  return {
    request: { run_id: run, user_id: 'user-1', correlation_id: `corr-${run}`, question: 'How did orders develop?', period, accepted_at: Date.now() },
    fact_sheets: [{ agent: 'order', period, facts: [fact], missing: [], asOf: period.to }],
    missing: [],
    dispatch: 1,
    data_helper_asked: true,
    degrade: false,
  };
}

/** Where the sections of a report came from. */
async function sources(host: TestHost, run: string): Promise<string[]> {
  const { status, body } = await host.post<{ result?: { report: { sections: { source: string }[] } } }>('/agents/reporting/generate', work(run));
  expect([status, JSON.stringify(body)]).toEqual([200, expect.stringContaining('"reported"')]);
  return body.result?.report.sections.map(({ source }) => source) ?? [];
}

describe('health of a host whose services come and go', { timeout: 60_000 }, () => {
  it('N06 a breaker that opened is seen in /health/detailed, and the probe that finds the model back lets the next call through at once', async () => {
    const host = await servers.host('reporting', { name: 'reporting-breaker', clock: patient }).up();
    expect(await sources(host, 'before')).toContain('model');
    expect((await detail(host)).breakers['llm']).toBe('closed');
    servers.proxies.llm.rejectAll();
    expect(await sources(host, 'model-gone')).not.toContain('model');
    expect((await detail(host)).breakers['llm']).toBe('open');
    await until(async () => (await detail(host)).dependencies['llm']?.up === false, 'the model to be known as gone', 20_000);
    // Alive, and of use: reports come from templates meanwhile.
    expect(await asKubernetes(host)).toEqual({ live: 200, ready: 200 });
    expect(await sources(host, 'still-gone')).not.toContain('model');
    await servers.proxies.llm.listenAgain();
    await until(async () => (await detail(host)).dependencies['llm']?.up === true, 'the model to be known as back', 20_000);
    expect(await sources(host, 'model-back')).toContain('model');
    expect((await detail(host)).breakers['llm']).toBe('closed');
    await host.stop();
  });

  it('N06 every service but the model away: alive; ready where SQLite stands in, not ready where nothing can be kept; ready again by probes alone', async () => {
    const standIn = await servers.host('reporting', { name: 'reporting-stand-in' }).up();
    const bare = await servers.host('reporting', { name: 'reporting-bare', environment: { NETRA_RESILIENCE: '-fallback' } }).up();
    const both = [standIn, bare];
    expect(await Promise.all(both.map(asKubernetes))).toEqual([{ live: 200, ready: 200 }, { live: 200, ready: 200 }]);
    const { postgres, kafka, redis } = servers.proxies;
    for (const service of [postgres, kafka, redis]) service.rejectAll();
    const states = async (): Promise<boolean[]> => (await Promise.all(both.map(detail))).flatMap(({ dependencies }) => ['database', 'kafka', 'redis'].map((name) => dependencies[name]?.up === true));
    await until(async () => (await states()).every((up) => !up), 'all three to be known as gone', 20_000);
    expect(await Promise.all(both.map(asKubernetes))).toEqual([{ live: 200, ready: 200 }, { live: 200, ready: 503 }]);
    expect((await Promise.all(both.map(detail))).map(({ level }) => level)).toEqual([3, 4]);
    for (const service of [postgres, kafka, redis]) await service.listenAgain();
    await until(async () => (await states()).every((up) => up) && (await Promise.all(both.map(detail))).every(({ level }) => level === 0), 'all three to be found back', 30_000);
    await until(async () => (await Promise.all(both.map(asKubernetes))).every(({ ready }) => ready === 200), 'both to be ready', 10_000);
    expect((await Promise.all(both.map(detail))).flatMap(({ breakers }) => Object.values(breakers)).filter((state) => state === 'open')).toEqual([]);
    await Promise.all(both.map((host) => host.stop()));
  });
});
