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
