import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanUpAfterDeadLabs } from '../../../src/chaos/engine/clean-up.ts';
import { processStart } from '../../../src/core/process-identity.ts';
import { readUndoFile, UndoLog, undoFileName } from '../../../src/chaos/engine/undo-log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { startToxiproxy } from '../../../src/infra/embedded/toxiproxy/server.ts';
import { temporaryFolder } from '../../helpers/cli.ts';
import { until } from '../../helpers/until.ts';

const never = new AbortController().signal;
const hostFile = fileURLToPath(new URL('small-host.ts', import.meta.url));
const deadLab = { pid: 2 ** 22 + 1, started: 'long ago' };

let runs: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  runs = await temporaryFolder();
});
afterEach(() => runs[Symbol.asyncDispose]());

function undoLogOf(lab: { readonly pid: number; readonly started: string }, servicesEndWithLab = false): { readonly log: UndoLog; readonly path: string; readonly folder: string } {
  const folder = join(runs.path, 'run-1');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, undoFileName);
  return { log: new UndoLog({ path, owner: lab, servicesEndWithLab }), path, folder };
}

function standsStill({ pid }: ChildProcess): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ');
}

async function stoppedHost(): Promise<ChildProcess> {
  // As the lab starts its hosts: in a session of its own.
  const child = spawn(process.execPath, [hostFile, 'reporting-1'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.kill('SIGSTOP');
  await until(() => standsStill(child), 'the host to stand still');
  return child;
}

describe('undo list', () => {
  it('P02 holds what is not healed yet, and is gone once nothing is left', () => {
    const { log, path } = undoLogOf({ pid: process.pid, started: 'now' });
    const first = log.add({ kind: 'enable-proxy', toxiproxy_url: 'http://127.0.0.1:1', proxy: 'redis' });
    const second = log.add({ kind: 'remove-toxic', toxiproxy_url: 'http://127.0.0.1:1', proxy: 'kafka', toxic: 't' });
    expect(readUndoFile(path)).toMatchObject({ v: 1, pid: process.pid, started: 'now', undo: [{ kind: 'enable-proxy' }, { kind: 'remove-toxic' }] });
    first();
    first();
    expect(readUndoFile(path)?.undo).toEqual([{ kind: 'remove-toxic', toxiproxy_url: 'http://127.0.0.1:1', proxy: 'kafka', toxic: 't' }]);
    second();
    expect(existsSync(path)).toBe(false);
    expect(readUndoFile(path)).toBeUndefined();
  });

  it('P02 makes its folder when there is something to undo, and takes it away again with the list, unless others have put something there', () => {
    const { log, path, folder } = undoLogOf({ pid: process.pid, started: 'now' });
    rmdirSync(folder);
    const strike = log.add({ kind: 'enable-proxy', toxiproxy_url: 'http://127.0.0.1:1', proxy: 'redis' });
    expect(readUndoFile(path)?.undo).toHaveLength(1);
    strike();
    expect(existsSync(folder)).toBe(false);
    const again = log.add({ kind: 'enable-proxy', toxiproxy_url: 'http://127.0.0.1:1', proxy: 'redis' });
    writeFileSync(join(folder, 'journal.ndjson'), '');
    again();
    expect([existsSync(path), existsSync(join(folder, 'journal.ndjson'))]).toEqual([false, true]);
  });

  it('P02 services that end with the lab need no undoing; processes that stand still do', () => {
    const { log, path } = undoLogOf({ pid: process.pid, started: 'now' }, true);
    log.add({ kind: 'enable-proxy', toxiproxy_url: 'http://127.0.0.1:1', proxy: 'redis' });
    expect(existsSync(path)).toBe(false);
    log.add({ kind: 'end-stopped-process', pid: 7, started: 'x' });
    expect(readUndoFile(path)?.undo).toEqual([{ kind: 'end-stopped-process', pid: 7, started: 'x' }]);
  });
});

describe('cleaning up after dead labs', () => {
  it('P02 a proxy that was switched off and a toxic are taken back in a Toxiproxy that outlives its lab', async () => {
    await using server = await startToxiproxy();
    const toxiproxy = new Toxiproxy(`http://${server.host}:${server.port}`);
    const url = toxiproxy.host;
    const redis = await toxiproxy.createProxy({ name: 'redis', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' });
    const kafka = await toxiproxy.createProxy({ name: 'kafka', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' });
    await redis.update({ enabled: false, listen: redis.listen, upstream: redis.upstream });
    await kafka.addToxic({ name: 'latency-kafka-1-1', type: 'latency', stream: 'downstream', toxicity: 1, attributes: { latency: 9_000, jitter: 0 } });
    const { log, path, folder } = undoLogOf(deadLab);
    log.add({ kind: 'enable-proxy', toxiproxy_url: url, proxy: 'redis' });
    log.add({ kind: 'remove-toxic', toxiproxy_url: url, proxy: 'kafka', toxic: 'latency-kafka-1-1' });
    // What is gone already needs no undoing.
    log.add({ kind: 'remove-toxic', toxiproxy_url: url, proxy: 'kafka', toxic: 'never-there' });
    log.add({ kind: 'enable-proxy', toxiproxy_url: url, proxy: 'no-such-proxy' });
    const cleaned = await cleanUpAfterDeadLabs(runs.path, systemClock, never);
    expect(cleaned.map(({ entry }) => entry.kind)).toEqual(['enable-proxy', 'remove-toxic', 'remove-toxic', 'enable-proxy']);
    expect(cleaned.every((each) => each.problem === undefined && each.folder === folder)).toBe(true);
    const proxies = (await (await fetch(`${url}/proxies`)).json()) as Record<string, { enabled: boolean; toxics: unknown[] }>;
    expect(proxies.redis?.enabled).toBe(true);
    expect(proxies.kafka?.toxics).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it('P02 services that are gone with their lab are no problem', async () => {
    const { log, path } = undoLogOf(deadLab);
    log.add({ kind: 'enable-proxy', toxiproxy_url: 'http://127.0.0.1:1', proxy: 'redis' });
    log.add({ kind: 'clear-llm-faults', gateway_url: 'http://127.0.0.1:1' });
    expect((await cleanUpAfterDeadLabs(runs.path, systemClock, never)).map(({ problem }) => problem)).toEqual([undefined, undefined]);
    expect(existsSync(path)).toBe(false);
  });

  it('P02 the faults of a gateway that outlives its lab are cleared; one that refuses stays in the list for the next start', async () => {
    const bodies: string[] = [];
    let status = 500;
    const gateway = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => bodies.push(`${request.method} ${request.url} ${text}`));
      request.on('end', () => response.writeHead(status).end());
    }).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const { log, path } = undoLogOf(deadLab);
    log.add({ kind: 'clear-llm-faults', gateway_url: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}` });
    expect((await cleanUpAfterDeadLabs(runs.path, systemClock, never)).map(({ problem }) => problem)).toEqual(['the gateway answers with status 500']);
    expect(existsSync(path)).toBe(true);
    status = 200;
    expect((await cleanUpAfterDeadLabs(runs.path, systemClock, never)).map(({ problem }) => problem)).toEqual([undefined]);
    expect(existsSync(path)).toBe(false);
    expect(bodies).toEqual(Array(2).fill('PUT /netra/faults {"faults":[]}'));
    gateway.close();
  });

  it('P02 a host that stands still since its lab died is ended', async () => {
    const host = await stoppedHost();
    const pid = host.pid as number;
    const { log } = undoLogOf(deadLab, true);
    log.add({ kind: 'end-stopped-process', pid, started: processStart(pid) as string });
    // The lab's end of the pipe goes with the lab.
    host.stdin?.destroy();
    const exited = once(host, 'exit');
    await cleanUpAfterDeadLabs(runs.path, systemClock, never);
    expect(await exited).toEqual([0, null]);
  });

  it('P02 a later process with the same id is left alone', async () => {
    const host = await stoppedHost();
    const { log } = undoLogOf(deadLab, true);
    log.add({ kind: 'end-stopped-process', pid: host.pid as number, started: 'another time' });
    await cleanUpAfterDeadLabs(runs.path, systemClock, never);
    expect(standsStill(host)).toBe(true);
    host.kill('SIGKILL');
    await once(host, 'exit');
  });

  it('P02 the list of a lab that is at work is left alone, and so is a foreign file', async () => {
    const { log, path } = undoLogOf({ pid: process.pid, started: processStart(process.pid) as string });
    log.add({ kind: 'enable-proxy', toxiproxy_url: 'http://127.0.0.1:1', proxy: 'redis' });
    for (const [folder, text] of [['other', '{"a": 1}'], ['cut', '{']] as const) {
      mkdirSync(join(runs.path, folder));
      writeFileSync(join(runs.path, folder, undoFileName), text);
    }
    expect(await cleanUpAfterDeadLabs(runs.path, systemClock, never)).toEqual([]);
    expect(existsSync(path)).toBe(true);
    expect(await cleanUpAfterDeadLabs(join(runs.path, 'not-there'), systemClock, never)).toEqual([]);
  });

  it('P02 a process is told from a later one by its start', async () => {
    const first = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    await once(first, 'spawn');
    const started = processStart(first.pid as number);
    expect(started).toMatch(/\d/);
    expect(processStart(first.pid as number)).toBe(started);
    expect(started).not.toBe(processStart(process.pid));
    first.kill('SIGKILL');
    await once(first, 'exit');
    await until(() => processStart(first.pid as number) === undefined, 'the process to be gone');
  });
});
