import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { checkpointChoice, chooseCheckpoints } from './checkpoint-keys.ts';
import { withDirectRedis } from './direct-redis.ts';

export const checkpointLost = defineFault({
  type: 'checkpoint-lost',
  family: 'data',
  summary: 'A checkpoint is deleted behind the back of its writer, which still counts on it',
  targets: ['redis'],
  momentary: true,
  parameters: z.strictObject(checkpointChoice),
  async inject({ infra, jobIds, rng }, _target, choice, signal) {
    const count = await withDirectRedis(infra, signal, async (redis) => redis.unlink(...(await chooseCheckpoints(redis, jobIds(), choice, rng)).map(({ key }) => key)));
    return { heal: async () => undefined, affected: async () => ({ unit: 'keys', count }) };
  },
});
