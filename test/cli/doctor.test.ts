import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/doctor/doctor-command.ts';
import { ownLabels } from '../../src/infra/providers/containers/labels.ts';
import { FakeEngine, sendJson } from '../helpers/fake-engine.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { commandInput, testContext } from './helpers.ts';

interface Answer {
  healthy: boolean;
  findings: { check: string; status: 'ok' | 'note' | 'problem'; detail: string }[];
}

async function doctor(environment: Record<string, string>): Promise<{ exitCode: number; answer: Answer; text: string }> {
  const json = testContext({ environment });
  const exitCode = await run(commandInput({ json: true }), json);
  const lines = testContext({ environment, columns: undefined });
  expect(await run(commandInput(), lines)).toBe(exitCode);
  return { exitCode, answer: JSON.parse(json.out()) as Answer, text: lines.out() };
}

describe('doctor', () => {
  it('P01 tells of Node, container engine, ports, cache, and what auto would choose', async () => {
    await using folder = await tempFolder({ 'cache/postgres-1.snapshot': 'x', 'cache/compiled/x': '' });
    const { exitCode, answer, text } = await doctor({ NETRA_CACHE_DIR: join(folder.path, 'cache'), DOCKER_HOST: `unix://${folder.path}/none.sock` });
    expect(exitCode).toBe(0);
    const details = Object.fromEntries(answer.findings.map(({ check, status, detail }) => [check, `${status}: ${detail}`]));
    expect(details).toMatchObject({
      Node: `ok: ${process.versions.node} at ${process.execPath}`,
      'container engine': `note: There is no container engine: unix://${folder.path}/none.sock does not exist. Start one (\`sudo systemctl start docker\`, or Docker Desktop), or use \`--infra embedded\`, which needs no engine.`,
      images: 'note: not looked for: no container engine can be used',
      'left containers': 'note: not looked for: no container engine can be used',
      'loopback ports': expect.stringMatching(/^ok: /) as string,
      cache: `ok: ${join(folder.path, 'cache')} holds 1 prepared database`,
      '--infra auto': `ok: auto chooses embedded: there is no container engine: unix://${folder.path}/none.sock does not exist.`,
    });
    expect(answer.healthy).toBe(true);
    const marks = { ok: '✔', note: '•', problem: '✘' };
    expect(text.split('\n').slice(0, -1).map((line) => line.replace(/ {2,}/, ' '))).toEqual(answer.findings.map(({ check, status, detail }) => `${marks[status]} ${check} ${detail}`));
  });

  it('P01 tells what the container engine is and has, and fetches nothing', async () => {
    await using folder = await tempFolder();
    await using engine = await FakeEngine.start(['redis:8-alpine', 'apache/kafka:4.3.0', 'registry.test/pg:1']);
    const { answer } = await doctor({ ...engine.environment, NETRA_CACHE_DIR: folder.path, NETRA_IMAGE_POSTGRES: 'registry.test/pg:1' });
    expect(answer.findings).toContainEqual({ check: 'container engine', status: 'ok', detail: `99.1 (Test Linux) answers at unix://${engine.socketPath}` });
    const missing = 'ghcr.io/shopify/toxiproxy:2.12.0';
    expect(answer.findings).toContainEqual({
      check: 'images',
      status: 'note',
      detail: `redis:8-alpine, apache/kafka:4.3.0, registry.test/pg:1, ${missing} (missing): \`docker pull ${missing}\` fetches what is missing; NETRA_IMAGE_TOXIPROXY names another`,
    });
    expect(answer.findings).toContainEqual({ check: 'left containers', status: 'ok', detail: 'none' });
    expect(answer.findings).toContainEqual({ check: '--infra auto', status: 'ok', detail: `auto fetches ${missing} first, and chooses containers if they arrive within 30 s, else embedded; \`docker pull ${missing}\` fetches them.` });
    expect(engine.calls.filter((call) => !call.startsWith('GET '))).toEqual([]);
  });

  it('F12 tells which containers were kept and which were left, and how to remove them', async () => {
    await using folder = await tempFolder();
    await using engine = await FakeEngine.start();
    const kept = ownLabels({ runId: 'r1', startId: 's1', keep: true });
    const orphaned = { ...ownLabels({ runId: 'r2', startId: 's2', keep: false }), 'netra-resilience.owner.started': 'long ago' };
    const owned = ownLabels({ runId: 'r3', startId: 's3', keep: false });
    engine.on('GET /containers/json', (_, response) => sendJson(response, 200, [kept, orphaned, owned].map((Labels, index) => ({ Id: String(index), Names: [`/c${index}`], State: 'running', Labels }))));
    const { answer } = await doctor({ ...engine.environment, NETRA_CACHE_DIR: folder.path });
    const detail = answer.findings.find(({ check }) => check === 'left containers')?.detail;
    expect(detail).toMatch(/^1 of run r1, kept on purpose\. By hand: docker rm -fv .+label=netra-resilience\.run=r1\).*; 1 of run r2, whose lab died: the next run with containers removes them\. By hand: /);
    expect(detail).not.toContain('r3');
  });

  it('N07 a DOCKER_HOST that is none, and a cache that cannot be written, are notes', async () => {
    await using folder = await tempFolder({ file: '' });
    const { exitCode, answer } = await doctor({ NETRA_CACHE_DIR: join(folder.path, 'file', 'below'), DOCKER_HOST: 'nonsense' });
    expect(exitCode).toBe(0);
    expect(answer.findings).toContainEqual({ check: 'container engine', status: 'note', detail: 'DOCKER_HOST is nonsense, which is no address that can be used here; give `unix:///path/to/docker.sock` or `tcp://127.0.0.1:2375`.' });
    expect(answer.findings).toContainEqual(expect.objectContaining({ check: 'cache', status: 'note', detail: expect.stringContaining('cannot be written (ENOTDIR)') as string }));
  });
});
