import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from '../../../../src/infra/embedded/postgres/server.ts';

/** Shared by all test runs of this machine: a fresh engine takes seconds, one from the cache tenths. */
const cacheDir = join(tmpdir(), 'netra-test-postgres-cache');

export function startTestPostgres(): Promise<PostgresServer> {
  return startPostgres({ cacheDir });
}

export const urlOf = (port: number): string => `postgres://netra:netra@127.0.0.1:${port}/postgres`;

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'netra-connectors-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
