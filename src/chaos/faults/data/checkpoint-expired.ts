import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { checkpointChoice, chooseCheckpoints } from './checkpoint-keys.ts';
import { withDirectRedis } from './direct-redis.ts';

const dueMs = 1;

export const checkpointExpired = defineFault({
  type: 'checkpoint-expired',
  family: 'data',
  summary: 'The time to live of a checkpoint runs out at once',
  targets: ['redis'],
  momentary: true,
  parameters: z.strictObject(checkpointChoice),
  async inject({ infra, jobIds, rng }, _target, choice, signal) {
    const count = await withDirectRedis(infra, signal, async (redis) => {
      const chosen = await chooseCheckpoints(redis, jobIds(), choice, rng);
      const expired = await Promise.all(chosen.map(({ key }) => redis.pexpire(key, dueMs)));
      return expired.filter((answer) => answer === 1).length;
    });
    return { heal: async () => undefined, affected: async () => ({ unit: 'keys', count }) };
  },
});
