import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { InfraUnavailable } from '../../../src/infra/error-codes.ts';
import { serviceNames, type InfraEvent, type InfraOptions, type RunningInfra, type UnexpectedExit } from '../../../src/infra/provider.ts';
import { embedded } from '../../../src/infra/providers/embedded.ts';
import { until } from '../../helpers/until.ts';
import { childPids, isAlive } from './processes.ts';
import { roundTrips } from './round-trips.ts';
import { testThroughProxies } from './through-proxies.ts';

let folder: string;
let cacheDir: string;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netra-embedded-'));
  cacheDir = join(folder, 'cache');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function optionsFor(more: Partial<InfraOptions> = {}): Promise<InfraOptions> {
  const logsDir = join(folder, `logs-${++runs}`);
  await mkdir(logsDir);
  return { runId: 'test', seed: '1', logsDir, cacheDir, llm: { latencyMs: 0, tokensPerSecond: 0 }, clock: systemClock, signal: new AbortController().signal, ...more };
}

describe('embedded infrastructure', () => {
  let infra: RunningInfra;
  let options: InfraOptions;
  const events: InfraEvent[] = [];
  let pids: number[] = [];

  beforeAll(async () => {
    const before = await childPids();
    options = await optionsFor({ onEvent: (event) => events.push(event) });
    infra = await embedded.start(options);
    pids = (await childPids()).filter((pid) => !before.includes(pid));
  }, 60_000);
  afterAll(() => infra.stop());
  afterEach(async () => {
    await new Toxiproxy(infra.toxiproxyUrl).reset();
  });

  it('P01 tells each service, ready, behind a proxy of its own', async () => {
    expect(infra.provider).toBe('embedded');
    const proxies = await new Toxiproxy(infra.toxiproxyUrl).getAll();
    expect(Object.keys(proxies).sort()).toEqual([...serviceNames].sort());
    for (const name of serviceNames) {
      const { direct, proxied, startedInMs } = infra.services[name];
      expect(proxies[name]?.listen).toBe(`${proxied.host}:${proxied.port}`);
      expect(proxied.port).not.toBe(direct.port);
      expect(events).toContainEqual({ type: 'infra.service_ready', service: name, endpoint: proxied, startedInMs });
    }
    expect(Object.keys(infra.hostEnvironment).sort()).toEqual(['NETRA_DATABASE_URL', 'NETRA_KAFKA_BROKERS', 'NETRA_LLM_API_KEY', 'NETRA_LLM_BASE_URL', 'NETRA_LLM_MODEL', 'NETRA_REDIS_URL']);
  });

  testThroughProxies(() => infra);

  it('P01 the LLM log is where it is said to be', async () => {
    await roundTrips.llm(infra.hostEnvironment);
    expect(await readFile(infra.llmLogPath, 'utf8')).toContain('"outcome":"completed"');
  });

  it('P01 an interrupt from the terminal does not reach the servers', async () => {
    for (const pid of pids) {
      const group = /^\d+ \(.*\) \S \d+ (\d+)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))?.[1];
      expect(Number(group)).toBe(pid);
    }
    expect(pids).toHaveLength(2);
  });

  it('F12 stop leaves no process and no port, and may be called twice', async () => {
    await Promise.all([infra.stop(), infra.stop()]);
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
    for (const name of serviceNames) await expect(roundTrips[name](infra.hostEnvironment)).rejects.toThrow(/connect|ECONNREFUSED|Connection|closed/i);
    expect(await readdir(options.logsDir)).toContain('llm.ndjson');
    infra = await embedded.start(await optionsFor());
  });
});

describe('when things go wrong', () => {
  it('F12 an owner killed with -9 leaves no process', { timeout: 60_000 }, async () => {
    const { logsDir } = await optionsFor();
    const owner = spawn(process.execPath, [new URL('owner-process.ts', import.meta.url).pathname, logsDir, cacheDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
    const pids = JSON.parse(line) as number[];
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await isAlive(pid)).toBe(true);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    for (const pid of pids) await until(async () => !(await isAlive(pid)), `process ${pid} to end`, 3000);
  });

  it('P01 a process that dies is reported, to late listeners too, and not when it was stopped', { timeout: 60_000 }, async () => {
    const before = await childPids();
    const infra = await embedded.start(await optionsFor());
    const exits: UnexpectedExit[] = [];
    infra.onUnexpectedExit((exit) => exits.push(exit));
    const [first, second] = (await childPids()).filter((pid) => !before.includes(pid)) as [number, number];
    process.kill(first, 'SIGKILL');
    await until(() => exits.length === 1, 'the exit');
    expect(exits[0]).toMatchObject({ pid: first, signal: 'SIGKILL', exitCode: null, services: ['postgres'] });
    const late: UnexpectedExit[] = [];
    infra.onUnexpectedExit((exit) => late.push(exit))();
    expect(late).toEqual(exits);
    await infra.stop();
    expect(exits).toHaveLength(1);
    expect(await isAlive(second)).toBe(false);
  });

  it('N07 a start that is aborted leaves no process', async () => {
    const before = await childPids();
    const abort = new AbortController();
    const starting = embedded.start(await optionsFor({ signal: abort.signal }));
    starting.catch(() => undefined);
    await until(async () => (await childPids()).length > before.length, 'the first process');
    const pids = (await childPids()).filter((pid) => !before.includes(pid));
    abort.abort(new Error('Ctrl-C'));
    await expect(starting).rejects.toThrow('Ctrl-C');
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
  });

  it('N07 a dead LLM URL is one sentence', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    silent.close();
    const url = `http://127.0.0.1:${port}/v1`;
    const starting = embedded.start(await optionsFor({ llm: { url, latencyMs: 0, tokensPerSecond: 0 } }));
    await expect(starting).rejects.toThrow(InfraUnavailable);
    await expect(starting).rejects.toThrow(new RegExp(`^The model server at ${url} did not answer: connect ECONNREFUSED .+\\. Check that it runs and that the address is right\\.$`));
  });

  it('N07 a log folder that cannot be written is one sentence', async () => {
    const options = await optionsFor({ logsDir: join(folder, 'absent') });
    await expect(embedded.start(options)).rejects.toThrow(/^The log .+absent.+ cannot be written: ENOENT: no such file or directory.+\.$/);
  });
});
