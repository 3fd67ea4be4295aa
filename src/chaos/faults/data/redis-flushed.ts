import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { withDirectRedis } from './direct-redis.ts';

export const redisFlushed = defineFault({
  type: 'redis-flushed',
  family: 'data',
  summary: 'Redis forgets everything (FLUSHALL), as after a restart without persistence',
  targets: ['redis'],
  momentary: true,
  parameters: z.strictObject({}),
  async inject({ infra }, _target, _parameters, signal) {
    const count = await withDirectRedis(infra, signal, async (redis) => {
      const keys = await redis.dbsize();
      await redis.flushall();
      return keys;
    });
    return { heal: async () => undefined, affected: async () => ({ unit: 'keys', count }) };
  },
});
