import { exchange } from './exchange.ts';
import type { ServiceDefinition } from './service.ts';

export const redis: ServiceDefinition = {
  name: 'redis',
  embedded: {
    process: 'shared',
    async start({ clock }) {
      const { startRedisServer } = await import('../embedded/redis/server.ts');
      const server = await startRedisServer({ clock });
      const endpoint = { host: server.host, port: server.port };
      return { direct: endpoint, upstream: endpoint, [Symbol.asyncDispose]: () => server.close() };
    },
  },
  container: { image: 'redis', directPort: 6379, upstreamPort: 6379, environment: {}, command: ['redis-server', '--save', '', '--appendonly', 'no'] },
  async probe(endpoint, _, signal) {
    await exchange(endpoint, Buffer.from('*1\r\n$4\r\nPING\r\n'), (received) => {
      const text = received.toString('latin1');
      if (text.startsWith('-')) throw new Error(text.trim());
      return text === '+PONG\r\n' || undefined;
    }, signal);
  },
  hostEnvironment: ({ host, port }) => ({ NETRA_REDIS_URL: `redis://${host}:${port}` }),
};
