import { setFlagsFromString } from 'node:v8';
import { raceAbort } from '../../core/abort.ts';
import { readMessages, simpleQuery, startupMessage } from '../embedded/postgres/wire.ts';
import type { Endpoint } from '../provider.ts';
import { exchange } from './exchange.ts';
import type { ServiceDefinition } from './service.ts';

const account = { user: 'netra', password: 'netra', database: 'postgres' } as const;
const ANSWER_WITHIN_MS = 2_000;

export const postgres: ServiceDefinition = {
  name: 'postgres',
  embedded: {
    // PGlite runs in WebAssembly on the event loop.
    process: 'own',
    async start({ clock, cacheDir, warn, fail }) {
      // For the whole process. Optimising the engine takes a second of processor time and 100 MB, which a run earns back
      // only after tens of thousands of statements; the baseline compiler's code is a third slower from then on.
      for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
      const { startPostgres } = await import('../embedded/postgres/server.ts');
      const server = await startPostgres({ clock, cacheDir, onWarning: warn, onEngineLost: fail });
      const endpoint = { host: server.host, port: server.port };
      return { direct: endpoint, upstream: endpoint, [Symbol.asyncDispose]: () => server.close() };
    },
  },
  container: {
    image: 'postgres',
    directPort: 5432,
    upstreamPort: 5432,
    environment: { POSTGRES_USER: account.user, POSTGRES_PASSWORD: account.password, POSTGRES_DB: account.database, POSTGRES_INITDB_ARGS: '--no-sync' },
    command: ['postgres', '-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=200'],
    inMemory: ['/var/lib/postgresql/data'],
  },
  async probe(endpoint, _, signal) {
    const request = Buffer.concat([startupMessage({ user: account.user, database: account.database }), simpleQuery('SELECT 1')]);
    const asked = await exchange(endpoint, request, (received) => {
      const messages = readMessages(received);
      const failure = messages.find(({ type }) => type === 'E');
      if (failure !== undefined) throw new Error(failure.bytes.subarray(5).toString('utf8').replaceAll('\0', ' ').trim());
      // Authentication: 0 for none. Whoever is asked for a password needs a client that knows how to give it.
      const authentication = messages.find(({ type }) => type === 'R')?.bytes.readInt32BE(5);
      if (authentication !== undefined && authentication !== 0) return 'password';
      // Ready after the start, and ready again after the query.
      return messages.filter(({ type }) => type === 'Z').length === 2 ? 'nothing' : undefined;
    }, signal);
    if (asked === 'password') await queryWithPassword(endpoint, signal);
  },
  hostEnvironment: ({ host, port }) => ({ NETRA_DATABASE_URL: `postgres://${account.user}:${account.password}@${host}:${port}/${account.database}` }),
};

async function queryWithPassword({ host, port }: Endpoint, signal: AbortSignal): Promise<void> {
  const { Client } = await import('pg');
  const client = new Client({ ...account, host, port, connectionTimeoutMillis: ANSWER_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS });
  // What breaks is told by the query; without a listener it would end the process as well.
  client.on('error', () => undefined);
  try {
    await raceAbort(client.connect(), signal);
    await raceAbort(client.query('SELECT 1'), signal);
  } finally {
    await client.end().catch(() => undefined); // The answer is here, or its absence is told already.
  }
}
