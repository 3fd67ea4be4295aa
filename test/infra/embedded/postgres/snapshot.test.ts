import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../../src/infra/embedded/postgres/server.ts';
import { SnapshotCache } from '../../../../src/infra/embedded/postgres/snapshot-cache.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../../src/infra/embedded/postgres/snapshot.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netra-snapshot-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function startAndAsk(cacheDir: string): Promise<{ answer: unknown; warnings: string[] }> {
  const warnings: string[] = [];
  await using server = await startPostgres({ cacheDir, onWarning: (message) => warnings.push(message) });
  const client = new Client({ host: server.host, port: server.port, user: 'a', database: 'postgres' });
  await client.connect();
  const { rows } = await client.query<{ n: number }>('CREATE TABLE t (a int); SELECT 1').then(() => client.query<{ n: number }>('SELECT count(*)::int AS n FROM t'));
  await client.end();
  return { answer: rows[0]?.n, warnings };
}

describe('the kept database', () => {
  it('P01 a first start leaves a snapshot that the next one uses unchanged; a damaged one costs a warning and is made anew', { timeout: 40_000 }, async () => {
    expect(await startAndAsk(folder)).toEqual({ answer: 0, warnings: [] });
    const [file = '', ...others] = await readdir(folder);
    const path = join(folder, file);
    expect(file).toMatch(/^postgres-\d+\.\d+\.\d+-\d+\.snapshot$/);
    expect(others).toEqual([]);
    const before = await readFile(path);
    expect(await startAndAsk(folder)).toEqual({ answer: 0, warnings: [] });
    expect(await readFile(path)).toEqual(before);
    expect(before.length).toBeLessThan(16_000_000);

    const damaged = Buffer.from(before);
    damaged.writeUInt8(damaged.readUInt8(5_000_000) ^ 1, 5_000_000);
    await writeFile(path, damaged);
    const { answer, warnings } = await startAndAsk(folder);
    expect(answer).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/^The database cache .+ is damaged \(its checksum does not fit\); it is made anew, which takes a few seconds\.$/)]);
    expect((await startAndAsk(folder)).warnings).toEqual([]);
  });

  it('P01 two first starts at once in two processes both work, and leave one snapshot', { timeout: 60_000 }, async () => {
    const script = join(folder, 'start.mts');
    const module = new URL('../../../../src/infra/embedded/postgres/server.ts', import.meta.url).href;
    const cache = join(folder, 'cache');
    await writeFile(script, `import { startPostgres } from ${JSON.stringify(module)};\nconst server = await startPostgres({ cacheDir: ${JSON.stringify(cache)}, onWarning: (message) => { throw new Error(message); } });\nawait server.close();\n`);
    const exits = await Promise.all([1, 2].map(async () => ((await once(spawn(process.execPath, [script], { stdio: 'inherit' }), 'exit')) as [number])[0]));
    expect(exits).toEqual([0, 0]);
    expect(await readdir(cache)).toHaveLength(1);
    expect((await startAndAsk(cache)).warnings).toEqual([]);
  });
});

describe('snapshot format', () => {
  const snapshot = { folders: ['/d', '/d/e'], files: [['/d/a', Buffer.from('one')], ['/d/e/b', Buffer.alloc(0)], ['/d/c', Buffer.from([0, 255])]] as const };

  it('P01 comes back as it was', () => {
    const decoded = decodeSnapshot(encodeSnapshot(snapshot));
    expect(decoded.folders).toEqual(snapshot.folders);
    expect(decoded.files.map(([path, contents]) => [path, [...contents]])).toEqual(snapshot.files.map(([path, contents]) => [path, [...contents]]));
  });

  it('P01 any byte changed, cut or added is noticed', () => {
    const bytes = encodeSnapshot(snapshot);
    for (let index = 0; index < bytes.length; index++) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(index) ^ 0x10, index);
      expect(() => decodeSnapshot(damaged), `byte ${index}`).toThrow(/snapshot|checksum|length|out of range/);
      expect(() => decodeSnapshot(bytes.subarray(0, index)), `length ${index}`).toThrow(/snapshot|checksum|length|out of range/);
    }
    expect(() => decodeSnapshot(Buffer.concat([bytes, Buffer.from('x')]))).toThrow('checksum');
  });

  it('P01 a cache that cannot be written is a warning', async () => {
    const blocked = join(folder, 'file');
    await writeFile(blocked, '');
    const warnings: string[] = [];
    await new SnapshotCache(join(blocked, 'cache'), 'k', (message) => warnings.push(message)).save(encodeSnapshot(snapshot));
    expect(warnings).toEqual([expect.stringMatching(/^The database cache cannot be written to .+; every start will take a few seconds longer\. Set NETRA_CACHE_DIR to a folder that can be written to\.$/)]);
  });

  it('P01 a cache that cannot be read is a warning', async () => {
    const warnings: string[] = [];
    const cache = new SnapshotCache(folder, 'k', (message) => warnings.push(message));
    expect(await cache.load()).toBeUndefined();
    expect(warnings).toEqual([]);
    await cache.save(encodeSnapshot(snapshot));
    expect((await cache.load())?.files).toHaveLength(3);
    await rm(join(folder, 'postgres-k.snapshot'));
    await mkdir(join(folder, 'postgres-k.snapshot'));
    expect(await cache.load()).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('cannot be read')]);
  });
});
