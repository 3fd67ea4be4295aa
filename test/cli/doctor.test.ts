import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/doctor/doctor-command.ts';
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
      'container engine': `note: unix://${folder.path}/none.sock: there is none; \`--infra embedded\` needs none`,
      'loopback ports': expect.stringMatching(/^ok: /) as string,
      cache: `ok: ${join(folder.path, 'cache')} holds 1 prepared database`,
      '--infra auto': expect.stringMatching(/^ok: auto chooses embedded/) as string,
    });
    expect(answer.healthy).toBe(true);
    const marks = { ok: '✔', note: '•', problem: '✘' };
    expect(text.split('\n').slice(0, -1).map((line) => line.replace(/ {2,}/, ' '))).toEqual(answer.findings.map(({ check, status, detail }) => `${marks[status]} ${check} ${detail}`));
  });

  it('P01 asks the container engine itself', async () => {
    await using folder = await tempFolder();
    const engine = createServer((request, response) => response.writeHead(request.url === '/_ping' ? 200 : 404).end('OK'));
    const socket = join(folder.path, 'docker.sock');
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    try {
      const { answer } = await doctor({ NETRA_CACHE_DIR: folder.path, DOCKER_HOST: `unix://${socket}` });
      expect(answer.findings).toContainEqual({ check: 'container engine', status: 'ok', detail: `answers at unix://${socket}` });
    } finally {
      await new Promise((resolve) => engine.close(resolve));
    }
  });

  it('N07 a DOCKER_HOST that is none, and a cache that cannot be written, are notes', async () => {
    await using folder = await tempFolder({ file: '' });
    const { exitCode, answer } = await doctor({ NETRA_CACHE_DIR: join(folder.path, 'file', 'below'), DOCKER_HOST: 'nonsense' });
    expect(exitCode).toBe(0);
    expect(answer.findings).toContainEqual({ check: 'container engine', status: 'note', detail: 'nonsense: Invalid URL; `--infra embedded` needs none' });
    expect(answer.findings).toContainEqual(expect.objectContaining({ check: 'cache', status: 'note', detail: expect.stringContaining('cannot be written (ENOTDIR)') as string }));
  });
});
