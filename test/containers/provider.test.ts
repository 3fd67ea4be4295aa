import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { serviceNames, type InfraEvent, type InfraOptions, type RunningInfra, type UnexpectedExit } from '../../src/infra/provider.ts';
import { containers } from '../../src/infra/providers/containers.ts';
import { images } from '../../src/infra/providers/containers/images.ts';
import { roundTrips } from '../infra/providers/round-trips.ts';
import { testThroughProxies } from '../infra/providers/through-proxies.ts';
import { until } from '../helpers/until.ts';

const run = promisify(execFile);
const provider = containers({ environment: process.env, keep: false });
let folder: string;
let starts = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netra-containers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** No other test of this machine has it. */
function newRunId(): string {
  return `test-${process.pid}-${++starts}`;
}

async function optionsFor(runId: string, more: Partial<InfraOptions> = {}): Promise<InfraOptions> {
  const logsDir = join(folder, runId);
  await mkdir(logsDir);
  return { runId, seed: '1', logsDir, cacheDir: logsDir, llm: { latencyMs: 0, tokensPerSecond: 0 }, clock: systemClock, signal: new AbortController().signal, ...more };
}

/** Names of a run's containers and networks at the engine, as its own client lists them. */
async function ofRun(runId: string): Promise<string[]> {
  const filter = ['--filter', `label=netra-resilience.run=${runId}`];
  const [ps, networks] = await Promise.all([run('docker', ['ps', '-a', ...filter, '--format', '{{.Names}}']), run('docker', ['network', 'ls', ...filter, '--format', '{{.Name}}'])]);
  return `${ps.stdout}${networks.stdout}`.split('\n').filter(Boolean);
}

describe('services in containers', () => {
  const runId = newRunId();
  const events: InfraEvent[] = [];
  let infra: RunningInfra;

  beforeAll(async () => {
    infra = await provider.start(await optionsFor(runId, { onEvent: (event) => events.push(event) }));
  });
  afterAll(() => infra?.stop());
  afterEach(async () => {
    await new Toxiproxy(infra.toxiproxyUrl).reset();
  });

  it('P01 tells each service, ready, behind a proxy of its own, and how long each step took', async () => {
    expect(infra.provider).toBe('containers');
    const proxies = await new Toxiproxy(infra.toxiproxyUrl).getAll();
    expect(Object.keys(proxies).toSorted()).toEqual(serviceNames.toSorted());
    const ready = new Map(events.flatMap((event) => (event.type === 'infra.service_ready' ? [[event.service, event]] : [])));
    expect([...ready.keys()].toSorted()).toEqual([...serviceNames, 'toxiproxy'].toSorted());
    for (const name of ['redis', 'kafka', 'postgres', 'toxiproxy'] as const) {
      const { pullMs, createMs, startMs, readyMs } = ready.get(name)?.phases ?? { pullMs: -1, createMs: -1, startMs: -1, readyMs: -1 };
      expect(pullMs).toBe(0);
      for (const phase of [createMs, startMs, readyMs]) expect(phase).toBeGreaterThan(0);
      expect(createMs + startMs + readyMs).toBeLessThanOrEqual((ready.get(name)?.startedInMs ?? 0) + 1);
    }
    expect(infra.services.kafka.proxied.port).not.toBe(infra.services.kafka.direct.port);
  });

  testThroughProxies(() => infra);

  it('P02 the lab reaches each service beside its proxy', async () => {
    const { redis, kafka, postgres } = infra.services;
    for (const name of serviceNames) {
      const proxy = await new Toxiproxy(infra.toxiproxyUrl).get(name);
      await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream });
    }
    const at = ({ host, port }: { host: string; port: number }): string => `${host}:${port}`;
    await expect(roundTrips.redis({ NETRA_REDIS_URL: `redis://${at(redis.direct)}` })).resolves.toBeUndefined();
    await expect(roundTrips.kafka({ NETRA_KAFKA_BROKERS: at(kafka.direct) })).resolves.toBeUndefined();
    await expect(roundTrips.postgres({ NETRA_DATABASE_URL: (infra.hostEnvironment.NETRA_DATABASE_URL ?? '').replace(at(postgres.proxied), at(postgres.direct)) })).resolves.toBeUndefined();
  });

  it('P02 nothing is published on any other address than loopback', async () => {
    const { stdout } = await run('docker', ['ps', '--filter', `label=netra-resilience.run=${runId}`, '--format', '{{.Ports}}']);
    const published = stdout.split(/[\n,]/).filter((port) => port.includes('->'));
    expect(published.length).toBeGreaterThanOrEqual(8);
    expect(published.filter((port) => !port.trim().startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('P02 what steers the LLM gateway is not within reach of containers', async () => {
    const proxy = await new Toxiproxy(infra.toxiproxyUrl).get('llm');
    expect(proxy.upstream).not.toContain('127.0.0.1');
    expect((await fetch(`${new URL(infra.hostEnvironment.NETRA_LLM_BASE_URL ?? '').origin}/netra/faults`)).status).toBe(404);
    const { host, port } = infra.services.llm.direct;
    expect((await fetch(`http://${host}:${port}/netra/faults`)).status).toBe(200);
  });

  it('F12 stop leaves no container and no network, and may be called twice', async () => {
    expect(await ofRun(runId)).toHaveLength(5);
    await Promise.all([infra.stop(), infra.stop()]);
    expect(await ofRun(runId)).toEqual([]);
    infra = await provider.start(await optionsFor(newRunId()));
  });
});

describe('when things go wrong', () => {
  it('F12 a start that is aborted leaves nothing, whenever that is', async () => {
    for (const moment of ['network', 'container', 'toxiproxy'] as const) {
      const runId = newRunId();
      const abort = new AbortController();
      const ready = Promise.withResolvers<void>();
      const starting = provider.start(await optionsFor(runId, { signal: abort.signal, onEvent: (event) => event.type === 'infra.service_ready' && ready.resolve() }));
      starting.catch(() => undefined);
      if (moment === 'toxiproxy') await ready.promise;
      else await until(async () => (await ofRun(runId)).length >= (moment === 'network' ? 1 : 2), `the first ${moment}`);
      abort.abort(new Error('Ctrl-C'));
      await expect(starting).rejects.toThrow(/^Ctrl-C$/);
      expect({ moment, left: await ofRun(runId) }).toEqual({ moment, left: [] });
    }
  });

  it('N07 a container that ends while it starts is told with its last lines, and nothing is left', async () => {
    const runId = newRunId();
    // Redis knows none of Kafka's entry points: the script that is to start a broker fails in it.
    const redisImage = process.env[images.redis.variable] ?? images.redis.image;
    const broken = containers({ environment: { ...process.env, NETRA_IMAGE_KAFKA: redisImage }, keep: false });
    await expect(broken.start(await optionsFor(runId))).rejects.toMatchObject({ code: 'INFRA_UNAVAILABLE', message: expect.stringMatching(/^The container of kafka \(.+\) ended with exit code 12[67] while it was being started\. Its last lines:\n.*\/etc\/kafka\/docker\/run.*not found/s) as string });
    expect(await ofRun(runId)).toEqual([]);
  });

  it('P01 a container that dies is reported, to late listeners too, and not when it was stopped', async () => {
    const runId = newRunId();
    const infra = await provider.start(await optionsFor(runId));
    try {
      const exits: UnexpectedExit[] = [];
      infra.onUnexpectedExit((exit) => exits.push(exit));
      const name = (await ofRun(runId)).find((each) => each.endsWith('-redis')) ?? '';
      await run('docker', ['kill', '--signal', 'KILL', name]);
      await until(() => exits.length === 1, 'the exit');
      expect(exits[0]).toMatchObject({ services: ['redis'], pid: null, container: name, exitCode: 137, signal: null });
      const late: UnexpectedExit[] = [];
      infra.onUnexpectedExit((exit) => late.push(exit))();
      expect(late).toEqual(exits);
      await infra.stop();
      expect(exits).toHaveLength(1);
      expect(await ofRun(runId)).toEqual([]);
    } finally {
      await infra.stop();
    }
  });

  it('F12 what an owner that is killed with -9 leaves is removed by the next start; what was kept is not', async () => {
    const [killed, kept, next] = [newRunId(), newRunId(), newRunId()];
    // The one that is kept first: a start removes what the others have left.
    for (const [runId, more] of [[kept, ['keep']], [killed, []]] as const) {
      const owner = spawn(process.execPath, [new URL('owner-process.ts', import.meta.url).pathname, folder, runId, ...more], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TESTCONTAINERS_RYUK_DISABLED: 'true' } });
      const gone = once(owner, 'exit').then(() => undefined);
      const told = await Promise.race([once(createInterface({ input: owner.stdout }), 'line'), gone]);
      expect(told).toBeDefined();
      owner.kill('SIGKILL');
      await gone;
    }
    try {
      expect(await ofRun(killed)).toHaveLength(5);
      const events: InfraEvent[] = [];
      await (await provider.start(await optionsFor(next, { onEvent: (event) => events.push(event) }))).stop();
      expect(await ofRun(killed)).toEqual([]);
      expect(events.find((event) => event.type === 'infra.warning')).toMatchObject({ service: 'engine', message: expect.stringMatching(new RegExp(`^removed what a lab that died had left: .*netra-${killed}-`)) as string });
      expect(await ofRun(kept)).toHaveLength(5);
    } finally {
      const filter = ['--filter', `label=netra-resilience.run=${kept}`];
      const ids = (await run('docker', ['ps', '-aq', ...filter])).stdout.split('\n').filter(Boolean);
      await run('docker', ['rm', '-fv', ...ids]);
      await run('docker', ['network', 'rm', ...(await run('docker', ['network', 'ls', '-q', ...filter])).stdout.split('\n').filter(Boolean)]);
    }
  });

  it('P01 kept services stay up, say where they are, and the command that is told removes them', async () => {
    const runId = newRunId();
    const events: InfraEvent[] = [];
    const infra = await containers({ environment: process.env, keep: true }).start(await optionsFor(runId, { onEvent: (event) => events.push(event) }));
    await infra.stop();
    const told = events.find((event) => event.type === 'infra.kept');
    expect(told?.endpoints.map(({ service }) => service).toSorted()).toEqual(['kafka', 'postgres', 'redis', 'toxiproxy']);
    const redis = told?.endpoints.find(({ service }) => service === 'redis')?.url ?? '';
    await roundTrips.redis({ NETRA_REDIS_URL: redis });
    await run('sh', ['-c', told?.removeCommand ?? 'false']);
    expect(await ofRun(runId)).toEqual([]);
  });
});
