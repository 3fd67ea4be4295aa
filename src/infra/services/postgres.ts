import { setFlagsFromString } from 'node:v8';
import { readMessages, simpleQuery, startupMessage } from '../embedded/postgres/wire.ts';
import { exchange } from './exchange.ts';
import type { ServiceDefinition } from './service.ts';

const account = { user: 'netra', password: 'netra', database: 'postgres' } as const;

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
  async probe(endpoint, _, signal) {
    const request = Buffer.concat([startupMessage({ user: account.user, database: account.database }), simpleQuery('SELECT 1')]);
    await exchange(endpoint, request, (received) => {
      const messages = readMessages(received);
      const failure = messages.find(({ type }) => type === 'E');
      if (failure !== undefined) throw new Error(failure.bytes.subarray(5).toString('utf8').replaceAll('\0', ' ').trim());
      // Ready after the start, and ready again after the query.
      return messages.filter(({ type }) => type === 'Z').length === 2 || undefined;
    }, signal);
  },
  hostEnvironment: ({ host, port }) => ({ NETRA_DATABASE_URL: `postgres://${account.user}:${account.password}@${host}:${port}/${account.database}` }),
};
