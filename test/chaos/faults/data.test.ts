import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { directKafka, publish, readTopic } from '../../../src/chaos/faults/data/direct-kafka.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { FaultBench, never } from './fault-bench.ts';

let bench: FaultBench;
let redis: Redis;
beforeAll(async () => {
  bench = await FaultBench.start();
  const { host, port } = bench.infra.services.redis.direct;
  redis = new Redis({ host, port });
}, 60_000);
afterEach(async () => {
  await redis.flushall();
  bench.jobIds = [];
});
afterAll(async () => {
  redis.disconnect();
  await bench[Symbol.asyncDispose]();
});

/** Keys as C02 fixes them. */
const sectionKey = (job: string, section: string): string => `report_checkpoint:{user%3A1:${job}}:${section}`;
const value = `${'a'.repeat(64)}\n{"v":1,"section":"summary"}\n{"text":"all is well"}`;

async function saveCheckpoints(...jobs: string[]): Promise<void> {
  bench.jobIds = jobs;
  for (const job of jobs) {
    for (const section of ['summary', 'data_analysis', 'recommendations']) await redis.set(sectionKey(job, section), value, 'PX', 60_000);
    await redis.hset(`report_checkpoint:progress:{user%3A1:${job}}`, 'completed_sections', 'summary,data_analysis,recommendations');
  }
}

async function left(job: string): Promise<string[]> {
  const keys = await redis.keys(`report_checkpoint:{user%3A1:${job}}:*`);
  return keys.map((key) => key.split(':').at(-1) as string).toSorted();
}

describe('checkpoints damaged beside the proxy', () => {
  it('P02 checkpoint-lost: one section of one job is gone, the progress record still names it', async () => {
    await saveCheckpoints('run-job-1', 'run-job-2');
    const fault = await bench.inject('checkpoint-lost', 'redis', { job: 2, section: 'summary' });
    expect(await left('run-job-2')).toEqual(['data_analysis', 'recommendations']);
    expect(await left('run-job-1')).toHaveLength(3);
    expect(await redis.hget('report_checkpoint:progress:{user%3A1:run-job-2}', 'completed_sections')).toBe('summary,data_analysis,recommendations');
    expect(await fault.affected(never)).toEqual({ unit: 'keys', count: 1 });
  });

  it('P02 checkpoint-lost: all sections of a job', async () => {
    await saveCheckpoints('run-job-1', 'run-job-2');
    const fault = await bench.inject('checkpoint-lost', 'redis', { job: 1, all: true });
    expect(await left('run-job-1')).toEqual([]);
    expect(await left('run-job-2')).toHaveLength(3);
    expect(await fault.affected(never)).toEqual({ unit: 'keys', count: 3 });
  });

  it('P02 what is not named is drawn: one seed one section, other seeds others', async () => {
    const gone: string[] = [];
    for (const seed of ['1', '1', '2', '3', '4', '5', '6', '7', '8']) {
      await saveCheckpoints('run-job-1', 'run-job-2', 'run-job-3');
      await bench.inject('checkpoint-lost', 'redis', {}, { seed });
      gone.push((await Promise.all(bench.jobIds.map(async (job) => `${job}: ${(await left(job)).join()}`))).join('; '));
    }
    expect(gone[0]).toBe(gone[1]);
    expect(new Set(gone).size).toBeGreaterThan(1);
  });

  it('P02 the content of a large section is what is damaged, not the pointer to it', async () => {
    await saveCheckpoints('run-job-1');
    await redis.set(`${sectionKey('run-job-1', 'summary')}:blob:7`, value);
    const fault = await bench.inject('checkpoint-corrupted', 'redis', { job: 1, section: 'summary', all: true });
    expect(await fault.affected(never)).toEqual({ unit: 'keys', count: 1 });
    expect(await redis.get(sectionKey('run-job-1', 'summary'))).toBe(value);
    expect(await redis.get(`${sectionKey('run-job-1', 'summary')}:blob:7`)).not.toBe(value);
  });

  it('P02 checkpoint-expired: its time to live runs out', async () => {
    await saveCheckpoints('run-job-1');
    const fault = await bench.inject('checkpoint-expired', 'redis', { section: 'summary' });
    await expect.poll(() => left('run-job-1')).toEqual(['data_analysis', 'recommendations']);
    expect(await fault.affected(never)).toEqual({ unit: 'keys', count: 1 });
  });

  const damages = {
    flip: (text: string) => text.length === value.length,
    truncate: (text: string) => text.length < value.length && value.startsWith(text),
    garbage: (text: string) => text.length === 64,
    'other-version': (text: string) => text === value.replace('"v":1', '"v":999'),
  };
  for (const [how, matches] of Object.entries(damages)) {
    it(`P02 checkpoint-corrupted by ${how}: other content, the same time to live`, async () => {
      await saveCheckpoints('run-job-1');
      const fault = await bench.inject('checkpoint-corrupted', 'redis', { section: 'summary', how });
      const damaged = await redis.get(sectionKey('run-job-1', 'summary'));
      expect(damaged).not.toBe(value);
      expect(damaged).toSatisfy(matches);
      expect(await redis.pttl(sectionKey('run-job-1', 'summary'))).toBeGreaterThan(30_000);
      expect(await fault.affected(never)).toEqual({ unit: 'keys', count: 1 });
    });
  }

  it('P02 nothing to damage is an error that says when there would be', async () => {
    bench.jobIds = ['run-job-1'];
    await expect(bench.inject('checkpoint-lost', 'redis')).rejects.toThrow('Redis holds no checkpoint of any job; begin the fault after checkpoint.saved');
    await saveCheckpoints('run-job-1');
    await expect(bench.inject('checkpoint-lost', 'redis', { job: 4 })).rejects.toThrow('there is no job 4; there are 1');
    await expect(bench.inject('checkpoint-lost', 'redis', { section: 'prologue' })).rejects.toThrow('section prologue');
  });

  it('P02 redis-flushed: nothing is left, and how much that was is counted', async () => {
    await saveCheckpoints('run-job-1');
    const fault = await bench.inject('redis-flushed', 'redis');
    expect(await redis.dbsize()).toBe(0);
    expect(await fault.affected(never)).toEqual({ unit: 'keys', count: 4 });
  });
});

async function topic(name: string): Promise<void> {
  const admin = directKafka(bench.infra).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: name, numPartitions: 3 }] });
  await admin.disconnect();
}

async function stored(name: string): Promise<(string | undefined)[]> {
  const messages = await readTopic(directKafka(bench.infra), name, `test-${name}`, systemClock, AbortSignal.timeout(10_000));
  return messages.map(({ value: content }) => content?.toString('utf8'));
}

describe('messages beside the proxy', () => {
  it('P02 duplicate-delivery: the message of a job is there again, as it was, and no group is left behind', async () => {
    await topic('report.work');
    bench.jobIds = ['run-job-1', 'run-job-2'];
    const kafka = directKafka(bench.infra);
    const headers = { 'x-correlation-id': 'c-2' };
    await publish(
      kafka,
      ['run-job-1', 'run-job-2', 'another-run'].map((job) => ({ topic: 'report.work', key: null, value: Buffer.from(JSON.stringify({ request: { run_id: job } })), headers })),
      never,
    );
    const fault = await bench.inject('duplicate-delivery', 'kafka', { job: 2, times: 2 });
    expect(await fault.affected(never)).toEqual({ unit: 'messages', count: 2 });
    await bench.inject('duplicate-delivery', 'kafka', { job: 1 });
    const messages = await readTopic(kafka, 'report.work', 'test-work', systemClock, AbortSignal.timeout(10_000));
    const copies = messages.filter(({ value: content }) => content?.toString() === '{"request":{"run_id":"run-job-2"}}');
    expect(copies).toHaveLength(3);
    for (const copy of copies) expect(String(copy.headers['x-correlation-id'])).toBe('c-2');
    expect(messages.filter(({ value: content }) => content?.toString().includes('run-job-1'))).toHaveLength(2);
    expect(messages).toHaveLength(6);
    const admin = kafka.admin();
    await admin.connect();
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId).filter((group) => group.startsWith('netra-lab'))).toEqual([]);
    await admin.disconnect();
  });

  it('P02 duplicate-delivery by key, and without a message to repeat', async () => {
    await topic('report.requests');
    bench.jobIds = ['run-job-1'];
    await expect(bench.inject('duplicate-delivery', 'kafka', { topic: 'report.requests' })).rejects.toThrow('report.requests holds no message of any job');
    await publish(directKafka(bench.infra), [{ topic: 'report.requests', key: Buffer.from('run-job-1'), value: Buffer.from('{}'), headers: {} }], never);
    await bench.inject('duplicate-delivery', 'kafka', { topic: 'report.requests' });
    expect(await stored('report.requests')).toEqual(['{}', '{}']);
  });

  it('P02 poison-message: a topic holds what nobody can read', async () => {
    await topic('poisoned');
    const fault = await bench.inject('poison-message', 'kafka', { topic: 'poisoned', count: 2 });
    await bench.inject('poison-message', 'kafka', { topic: 'poisoned', what: 'tombstone' });
    await bench.inject('poison-message', 'kafka', { topic: 'poisoned', what: 'wrong-shape' });
    const messages = await stored('poisoned');
    expect(messages.map((text) => text ?? 'nothing').toSorted()).toEqual(['nothing', '{"run_id": "cut off', '{"run_id": "cut off', '{"run_id": 7, "surprise": true}'].toSorted());
    expect(await fault.affected(never)).toEqual({ unit: 'messages', count: 2 });
  });

  it('P02 publishes once: an acknowledgement that is lost is an error, not another copy', async () => {
    await topic('acknowledged');
    const { host, port } = bench.infra.services.kafka.direct;
    let produced = 0;
    const forgetful = new Kafka({
      brokers: [`${host}:${port}`],
      retry: { retries: 2, initialRetryTime: 10 },
      logLevel: logLevel.NOTHING,
      socketFactory: (to) => {
        const socket = connect({ host: to.host, port: to.port }, to.onConnect);
        const write = socket.write.bind(socket);
        socket.write = (data: Uint8Array | string): boolean => {
          const request = Buffer.from(data as Uint8Array);
          // Produce is API key 0, behind the length. Its answer comes, and nobody reads it.
          if (request.readInt16BE(4) === 0) {
            produced += 1;
            socket.removeAllListeners('data').once('data', () => socket.destroy(new Error('read ECONNRESET')));
          }
          return write(request);
        };
        return socket;
      },
    });
    await expect(publish(forgetful, [{ topic: 'acknowledged', key: null, value: Buffer.from('once'), headers: {} }], never)).rejects.toThrow('1 message for acknowledged: not acknowledged, may be there or not');
    expect(produced).toBe(1);
    expect(await stored('acknowledged')).toEqual(['once']);
  });

  it('P02 a topic that is not there is an error, not a new topic', async () => {
    await expect(bench.inject('poison-message', 'kafka', { topic: 'no-such-topic' })).rejects.toThrow('This server does not host this topic-partition');
  });
});
