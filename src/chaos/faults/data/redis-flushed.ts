import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { scanKeys, withDirectRedis } from './direct-redis.ts';

export const redisFlushed = defineFault({
  type: 'redis-flushed',
  family: 'data',
  summary: 'Redis forgets everything (on a Redis that others use too, everything of the run), as after a restart without persistence',
  targets: ['redis'],
  momentary: true,
  parameters: z.strictObject({}),
  async inject({ infra }, _target, _parameters, signal) {
    const count = await withDirectRedis(infra, signal, async (redis) => {
      if (redis.options.keyPrefix) {
        // Others use this Redis too: it forgets what is the fleet's.
        const own = await scanKeys(redis, '*');
        if (own.length > 0) await redis.unlink(own);
        return own.length;
      }
      const keys = await redis.dbsize();
      await redis.flushall();
      return keys;
    });
    return { heal: async () => undefined, affected: async () => ({ unit: 'keys', count }) };
  },
});
