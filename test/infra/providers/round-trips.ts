import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import OpenAI from 'openai';
import { Client } from 'pg';
import { expect } from 'vitest';
import type { ServiceName } from '../../../src/infra/provider.ts';
import { promptOf } from '../embedded/llm/sample-facts.ts';

let calls = 0;

type Environment = Readonly<Record<string, string>>;

/** One round trip of the real client through the address that hosts are told; rejects within seconds where there is no way. Kafka makes the topic when it is asked for, and says at first that there is none. */
export const roundTrips: Readonly<Record<ServiceName, (environment: Environment) => Promise<void>>> = {
  async redis({ NETRA_REDIS_URL = '' }) {
    const redis = new Redis(NETRA_REDIS_URL, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 2000 });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      await redis.set('a', '1', 'EX', 60);
      expect(await redis.get('a')).toBe('1');
    } finally {
      redis.disconnect();
    }
  },
  async kafka({ NETRA_KAFKA_BROKERS = '' }) {
    const kafka = new Kafka({ brokers: NETRA_KAFKA_BROKERS.split(','), logLevel: logLevel.NOTHING, connectionTimeout: 1000, retry: { retries: 5, initialRetryTime: 50, maxRetryTime: 300 } });
    const producer = kafka.producer();
    const consumer = kafka.consumer({ groupId: `g-${++calls}` });
    const topic = `t-${calls}`;
    try {
      await producer.connect();
      await producer.send({ topic, messages: [{ value: 'hello' }] });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const received = Promise.withResolvers<string | undefined>();
      await consumer.run({ eachMessage: async ({ message }) => Promise.resolve(received.resolve(message.value?.toString())) });
      expect(await received.promise).toBe('hello');
    } finally {
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
    }
  },
  async postgres({ NETRA_DATABASE_URL = '' }) {
    const client = new Client({ connectionString: NETRA_DATABASE_URL, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    } finally {
      await client.end();
    }
  },
  async llm({ NETRA_LLM_BASE_URL = '', NETRA_LLM_API_KEY = '', NETRA_LLM_MODEL = '' }) {
    const client = new OpenAI({ baseURL: NETRA_LLM_BASE_URL, apiKey: NETRA_LLM_API_KEY, maxRetries: 0, timeout: 2000 });
    const answer = await client.chat.completions.create({ model: NETRA_LLM_MODEL, messages: promptOf() }, { headers: { connection: 'close' } });
    expect(answer.choices[0]?.message.content).toContain('EUR');
  },
};
