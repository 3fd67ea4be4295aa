import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { directKafka, nameInCluster, publish, type StoredMessage } from './direct-kafka.ts';

export const poisonMessage = defineFault({
  type: 'poison-message',
  family: 'data',
  summary: 'A topic gets messages that no consumer can read',
  targets: ['kafka'],
  momentary: true,
  parameters: z.strictObject({
    topic: z.string().min(1).default('report.work'),
    what: z.enum(['not-json', 'wrong-shape', 'empty', 'tombstone']).default('not-json'),
    count: z.int().min(1).max(1_000).default(1),
  }),
  async inject({ infra, rng }, _target, { topic, what, count }, signal) {
    const messages = Array.from({ length: count }, (): StoredMessage => ({ topic: nameInCluster(infra, topic), key: Buffer.from(`poison-${rng.integer(0, 999_999)}`), value: values[what], headers: {} }));
    await publish(directKafka(infra), messages, signal);
    return { heal: async () => undefined, affected: async () => ({ unit: 'messages', count }) };
  },
});

const values: Readonly<Record<'not-json' | 'wrong-shape' | 'empty' | 'tombstone', Buffer | null>> = {
  'not-json': Buffer.from('{"run_id": "cut off'),
  'wrong-shape': Buffer.from('{"run_id": 7, "surprise": true}'),
  empty: Buffer.alloc(0),
  tombstone: null,
};
