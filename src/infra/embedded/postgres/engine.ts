import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MemoryFS, PGlite } from '@electric-sql/pglite';
import { SnapshotCache } from './snapshot-cache.ts';
import { decodeSnapshot, encodeSnapshot, type Snapshot } from './snapshot.ts';
import { readMessages, startupMessage, sync } from './wire.ts';

/** The part of Emscripten's file system that is used here; PGlite leaves it untyped. */
interface WasmFiles {
  mkdirTree(path: string): void;
  readdir(path: string): string[];
  stat(path: string): { mode: number };
  isDir(mode: number): boolean;
  readFile(path: string): Uint8Array;
  /** `canOwn`: the file is the array from then on, without a copy. */
  writeFile(path: string, contents: Uint8Array, options: { canOwn: boolean }): void;
}

/** Changing what goes into a snapshot asks for a new number here. */
const SNAPSHOT_REVISION = 1;

/** Segments of 1 MB (16 MB else) are most of what makes a snapshot small. */
const initdbArguments = ['--wal-segsize=1', '--no-sync'];

/**
 * One user, one process, nothing survives it: replication and protection against torn pages are left out, and
 * write-ahead log that is kept is memory that is lost.
 */
const settings = ['shared_buffers=16MB', 'wal_level=minimal', 'max_wal_senders=0', 'full_page_writes=off', 'max_wal_size=4MB', 'min_wal_size=2MB'];

const startParams = [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ['-c', setting])];

/** Single-user PostgreSQL in WebAssembly: one call at a time, each of which holds up this process's event loop. */
export interface Engine {
  /** `S` messages of the start of a connection: server_version, client_encoding and so on. */
  readonly parameterStatuses: readonly Buffer[];
  /** Carries out whole frontend messages and returns all backend messages. Throws only when the engine is lost. */
  execute(messages: Uint8Array): Buffer;
  close(): Promise<void>;
}

/** From the snapshot in `cacheDir` where there is one, else by initdb (seconds), which leaves one for the next time. */
export async function startEngine(cacheDir: string, warn: (message: string) => void): Promise<Engine> {
  const cache = new SnapshotCache(cacheDir, `${await pgliteVersion()}-${SNAPSHOT_REVISION}`, warn);
  const cached = await cache.load();
  if (cached !== undefined) return openEngine(cached);
  const bytes = await makeSnapshot();
  const [engine] = await Promise.all([openEngine(decodeSnapshot(bytes)), cache.save(Buffer.from(bytes))]);
  return engine;
}

/** Its package exports no `package.json`, so the way leads by the file that it does export. */
async function pgliteVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const { version } = JSON.parse(await readFile(join(dirname(entry), '..', 'package.json'), 'utf8')) as { version: string };
  return version;
}

class SnapshotFileSystem extends MemoryFS {
  readonly #load: Snapshot | undefined;
  saved: Buffer | undefined;

  constructor(load?: Snapshot) {
    super();
    this.#load = load;
  }

  override async initialSyncFs(): Promise<void> {
    for (const folder of this.#load?.folders ?? []) this.#files.mkdirTree(folder);
    for (const [path, contents] of this.#load?.files ?? []) this.#files.writeFile(path, contents, { canOwn: true });
    return Promise.resolve();
  }

  /** After the shutdown checkpoint and before the files are gone: the one moment at which they need no recovery. */
  override async closeFs(): Promise<void> {
    if (this.#load === undefined) this.saved = encodeSnapshot(collect(this.#files, PGlite.paths.PGDATA));
    await super.closeFs();
  }

  get #files(): WasmFiles {
    return (this.pg as unknown as { Module: { FS: WasmFiles } }).Module.FS;
  }
}

function collect(files: WasmFiles, root: string): Snapshot {
  const snapshot = { folders: [root], files: [] as (readonly [string, Uint8Array])[] };
  for (const name of files.readdir(root)) {
    if (name === '.' || name === '..') continue;
    const path = `${root}/${name}`;
    if (!files.isDir(files.stat(path).mode)) {
      snapshot.files.push([path, files.readFile(path)]);
      continue;
    }
    const inner = collect(files, path);
    snapshot.folders.push(...inner.folders);
    snapshot.files.push(...inner.files);
  }
  return snapshot;
}

async function makeSnapshot(): Promise<Buffer> {
  const fs = new SnapshotFileSystem();
  const pglite = await PGlite.create({ fs, initDbStartParams: initdbArguments, startParams });
  // Nobody makes further databases from the templates; they are two thirds of a fresh one.
  await pglite.exec("UPDATE pg_database SET datistemplate = false, datallowconn = true WHERE datname LIKE 'template%'");
  await pglite.exec('DROP DATABASE template0');
  await pglite.exec('DROP DATABASE template1');
  await pglite.exec('VACUUM FULL');
  await pglite.exec('CHECKPOINT');
  await pglite.close();
  if (fs.saved === undefined) throw new Error('PGlite closed without closing its file system');
  return fs.saved;
}

async function openEngine(snapshot: Snapshot): Promise<Engine> {
  const pglite = await PGlite.create({ fs: new SnapshotFileSystem(snapshot), startParams });
  let output: Buffer[] = [];
  // The sync call has no callback of its own and keeps the one given last; without one it keeps every message it has parsed.
  await pglite.execProtocolRawStream(sync, { syncToFs: false, onRawData: (bytes) => output.push(Buffer.from(bytes)) });
  const execute = (messages: Uint8Array): Buffer => {
    output = [];
    pglite.execProtocolRawSync(messages);
    return Buffer.concat(output);
  };
  const greeting = execute(startupMessage({ user: 'postgres', database: 'postgres', client_encoding: 'UTF8' }));
  const parameterStatuses = readMessages(greeting).filter(({ type }) => type === 'S').map(({ bytes }) => bytes);
  return { parameterStatuses, execute, close: () => pglite.close() };
}
