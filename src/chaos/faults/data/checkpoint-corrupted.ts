import { z } from 'zod';
import type { Rng } from '../../../core/rng.ts';
import { defineFault } from '../fault.ts';
import { checkpointChoice, chooseCheckpoints } from './checkpoint-keys.ts';
import { withDirectRedis } from './direct-redis.ts';

export const checkpointCorrupted = defineFault({
  type: 'checkpoint-corrupted',
  family: 'data',
  summary: 'The content of a checkpoint is damaged in place',
  targets: ['redis'],
  momentary: true,
  parameters: z.strictObject({
    ...checkpointChoice,
    how: z.enum(['flip', 'truncate', 'garbage', 'other-version']).default('flip').describe('One character changed, the end cut off, other text, or the mark of another format'),
  }),
  async inject({ infra, jobIds, rng }, _target, { how, ...choice }, signal) {
    const count = await withDirectRedis(infra, signal, async (redis) => {
      const chosen = await chooseCheckpoints(redis, jobIds(), choice, rng);
      let written = 0;
      for (const { key } of chosen) {
        const value = await redis.get(key);
        // XX: one that has just gone must not come back without a time to live.
        if (value !== null && (await redis.set(key, damage[how](value, rng), 'KEEPTTL', 'XX')) === 'OK') written += 1;
      }
      return written;
    });
    return { heal: async () => undefined, affected: async () => ({ unit: 'keys', count }) };
  },
});

const damage: Readonly<Record<'flip' | 'truncate' | 'garbage' | 'other-version', (value: string, rng: Rng) => string>> = {
  flip: (value, rng) => {
    const at = rng.integer(0, Math.max(0, value.length - 1));
    return `${value.slice(0, at)}${value[at] === 'x' ? 'y' : 'x'}${value.slice(at + 1)}`;
  },
  truncate: (value, rng) => value.slice(0, rng.integer(0, Math.max(0, value.length - 1))),
  garbage: (_value, rng) => Array.from({ length: 64 }, () => String.fromCharCode(rng.integer(33, 126))).join(''),
  'other-version': (value) => (value.includes('"v":') ? value.replace(/"v":\d+/, '"v":999') : `{"v":999}\n${value}`),
};
