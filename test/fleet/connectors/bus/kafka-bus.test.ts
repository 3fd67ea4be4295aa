import { createHook } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { DEADLINE_HEADER, deadlineAfter } from '../../../../src/core/deadline.ts';
import type { IncomingMessage } from '../../../../src/fleet/connectors/bus/message-bus.ts';
import { until } from '../../../helpers/until.ts';
import { createHarness, rejection } from '../connector-harness.ts';
import { BusHarness, numberOf } from './bus-harness.ts';

let kafka: BusHarness;

beforeEach(async () => {
  kafka = await BusHarness.start();
});
afterEach(async () => kafka[Symbol.asyncDispose]());

const message = (n: number, key = 'k') => ({ key, value: { n } });

function countTimers(): { stop(): number } {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'Timeout') count++;
    },
  }).enable();
  return {
    stop: () => {
      hook.disable();
      return count;
    },
  };
}

describe('KafkaBus', () => {
  it('F03 makes the topics that were defined, with their dead letter topics', async () => {
    const bus = kafka.bus();
    await Promise.all([bus.connect(), bus.connect()]);
    const topics = await kafka.withAdmin((admin) => admin.fetchTopicMetadata({ topics: ['notes', 'wide', 'notes.dead-letter'] }));
    expect(Object.fromEntries(topics.topics.map(({ name, partitions }) => [name, partitions.length]))).toEqual({ 'notes': 1, 'wide': 6, 'notes.dead-letter': 1 });
    await bus.ensureTopics([{ topic: 'notes', partitions: 1 }, { topic: 'more', partitions: 2 }]);
    expect(bus.state).toEqual({ up: true });
  });

  it('N02 carries correlation id, deadline and own headers to the handler, in order of each key', async () => {
    const bus = kafka.bus();
    const received: IncomingMessage[] = [];
    await bus.subscribe({ topic: 'notes', group: 'g', handle: async (incoming) => void received.push(incoming) });
    const deadline = deadlineAfter(systemClock, 5_000);
    await bus.publish('notes', [{ ...message(1), headers: { extra: 'yes' } }, message(2)], { correlationId: 'corr-7', deadline });
    await until(() => received.length === 2, 'both messages');
    expect(received.map(numberOf)).toEqual([1, 2]);
    expect(received[0]).toMatchObject({ topic: 'notes', partition: 0, offset: '0', key: 'k', correlationId: 'corr-7', headers: { 'x-correlation-id': 'corr-7', 'extra': 'yes' } });
    expect(Number(received[0]?.headers[DEADLINE_HEADER])).toBeCloseTo(deadline.toWallMs(), -3);
    await until(async () => (await kafka.committed('g', 'notes')) === 2, 'the commit');
  });

  it('F07 publishes nothing that its topic\'s schema does not allow, nor on a topic that nobody defined', async () => {
    const bus = kafka.bus();
    expect(await rejection(bus.publish('notes', [{ key: 'k', value: { n: 'one' } }]))).toMatchObject({ code: 'KAFKA_MESSAGE_INVALID', retriable: false, message: expect.stringContaining('n') });
    expect(await rejection(bus.publish('unheard.of', [message(1)]))).toMatchObject({ code: 'KAFKA_MESSAGE_INVALID' });
    await bus.publish('replies.host-1', [{ key: 'k', value: { ok: true } }]);
    expect(bus.topics.jsonSchemas()['notes']).toMatchObject({ summary: 'Numbers', partitions: 1, schema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } });
  });

  it('N07 a poison message goes to the dead letter topic with its reason, and blocks nothing', async () => {
    const bus = kafka.bus();
    const received: number[] = [];
    await bus.subscribe({ topic: 'notes', group: 'g', handle: async (incoming) => void received.push(numberOf(incoming)) });
    await kafka.produceRaw('notes', ['not json', '{"n":"one"}', null, '{"n":4}']);
    await until(() => received.length > 0, 'the good message');
    expect(received).toEqual([4]);
    const dead: { value: string | undefined; reason: string }[] = [];
    const consumer = kafka.kafka().consumer({ groupId: 'undertaker', maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic: 'notes.dead-letter', fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message: raw }) => void dead.push({ value: raw.value?.toString(), reason: String(raw.headers?.['x-dead-letter-reason']) }) });
    await until(() => dead.length === 3, 'the dead letters');
    await consumer.disconnect();
    expect(dead.map(({ value }) => value)).toEqual(['not json', '{"n":"one"}', undefined]);
    expect(dead.map(({ reason }) => reason)).toEqual([expect.stringContaining('not JSON'), expect.stringContaining('schema'), expect.stringContaining('no value')]);
    await until(async () => (await kafka.committed('g', 'notes')) === 4, 'the commit');
  });

  it('D11 with dead letters off a poison message comes again and again, and what is behind it waits', async () => {
    const harness = createHarness({ deadLetters: false });
    const bus = kafka.bus({}, harness);
    const received: number[] = [];
    await bus.subscribe({ topic: 'notes', group: 'g', handle: async (incoming) => void received.push(numberOf(incoming)) });
    await kafka.produceRaw('notes', ['{"n":1}', 'not json', '{"n":2}']);
    const rejections = (): number => harness.lines.filter(({ message: line }) => line.startsWith('a message was not handled')).length;
    await until(() => rejections() >= 3, 'the third delivery');
    expect(received).toEqual([1]);
    expect(await kafka.committed('g', 'notes')).toBeLessThanOrEqual(1);
  });

  it('F07 a message whose handler rejects comes again after a wait, before those behind it, and is committed only then', async () => {
    const bus = kafka.bus();
    const seen: { n: number; at: number }[] = [];
    await bus.subscribe({
      topic: 'notes',
      group: 'g',
      handle: async (incoming) => {
        seen.push({ n: numberOf(incoming), at: performance.now() });
        if (numberOf(incoming) === 1 && seen.length < 3) throw new Error('not yet');
      },
    });
    await bus.publish('notes', [message(1), message(2)]);
    await until(() => seen.length === 2, 'the second delivery');
    expect(await kafka.committed('g', 'notes')).toBe(0);
    await until(() => seen.length === 4, 'all deliveries');
    expect(seen.map(({ n }) => n)).toEqual([1, 1, 1, 2]);
    const [first, second, third] = seen.map(({ at }) => at) as [number, number, number, number];
    expect(second - first).toBeGreaterThan(40);
    expect(third - second).toBeGreaterThan(90);
    await until(async () => (await kafka.committed('g', 'notes')) === 2, 'the commit');
  });

  it('N02 a message that comes again is logged under its own correlation id', async () => {
    const bus = kafka.bus();
    let deliveries = 0;
    await bus.subscribe({
      topic: 'notes',
      group: 'g',
      handle: async () => {
        if (++deliveries < 2) throw new Error('not yet');
      },
    });
    await bus.publish('notes', [message(1)], { correlationId: 'corr-again' });
    await until(() => deliveries === 2, 'the second delivery');
    expect(kafka.harness.lines.filter(({ message: line }) => line.startsWith('a message was not handled')).map(({ fields }) => fields?.['correlation_id'])).toEqual(['corr-again']);
  });

  it('F07 works on several partitions at once, up to the concurrency asked for', async () => {
    const bus = kafka.bus();
    let running = 0;
    let most = 0;
    let handled = 0;
    await bus.subscribe({
      topic: 'wide',
      group: 'g',
      concurrency: 3,
      handle: async () => {
        most = Math.max(most, ++running);
        await systemClock.sleep(120);
        running--;
        handled++;
      },
    });
    await bus.publish('wide', Array.from({ length: 24 }, (_, n) => message(n, `key-${n}`)));
    await until(() => handled === 24, 'all messages', 8_000);
    expect(most).toBe(3);
  });

  it('F11 heartbeats go on while a handler runs for longer than the session: nobody else gets its message', async () => {
    const bus = kafka.bus();
    let deliveries = 0;
    let done = false;
    let aborted = false;
    await bus.subscribe({
      topic: 'notes',
      group: 'g',
      handle: async (_, { signal }) => {
        deliveries++;
        await systemClock.sleep(2_500, signal).catch(() => {
          aborted = true;
        });
        done = true;
      },
    });
    await bus.publish('notes', [message(1)]);
    await until(() => done, 'the slow handler', 6_000);
    await until(async () => (await kafka.committed('g', 'notes')) === 1, 'the commit');
    expect({ deliveries, aborted }).toEqual({ deliveries: 1, aborted: false });
    // Nor was the member expelled, or its consumer replaced.
    expect(kafka.harness.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('F07 a slow partition does not hold up the others', async () => {
    const bus = kafka.bus();
    const gate = Promise.withResolvers<void>();
    const handled: number[] = [];
    await bus.subscribe({
      topic: 'wide',
      group: 'g',
      concurrency: 2,
      handle: async (incoming) => {
        if (numberOf(incoming) === 0) await gate.promise;
        handled.push(numberOf(incoming));
      },
    });
    await bus.publish('wide', [message(0, 'slow')]);
    for (let n = 1; n <= 5; n++) {
      // A key of another partition than `slow`'s; those of its own have to wait.
      await bus.publish('wide', [message(n, 'c')]);
      await until(() => handled.length === n, `message ${n}`);
    }
    gate.resolve();
    await until(() => handled.length === 6, 'the slow one');
    expect(handled).toEqual([1, 2, 3, 4, 5, 0]);
  });

  it('R08 a partition that goes to another member: the work on it is told so, and the other member gets the message', async () => {
    const first = kafka.bus();
    const lost: string[] = [];
    const handledBy: Record<string, number[]> = { first: [], second: [] };
    const handler = (who: string) => async (incoming: IncomingMessage, { signal }: { signal: AbortSignal }) => {
      if (who === 'first') {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        lost.push((signal.reason as { code: string }).code);
        throw signal.reason as Error;
      }
      handledBy[who]?.push(numberOf(incoming));
    };
    await first.subscribe({ topic: 'wide', group: 'g', concurrency: 6, handle: handler('first') });
    await first.publish('wide', Array.from({ length: 30 }, (_, n) => message(n, `key-${n}`)));
    const second = kafka.bus({ clientId: 'second' });
    await second.subscribe({ topic: 'wide', group: 'g', concurrency: 6, handle: handler('second') });
    await until(() => lost.length >= 2, 'partitions to be lost', 8_000);
    expect(new Set(lost)).toEqual(new Set(['KAFKA_PARTITION_LOST']));
    await until(() => (handledBy['second']?.length ?? 0) > 0, 'the other member to work');
    // What the first holds goes to the second when it stops.
    await first.close(AbortSignal.abort());
    await until(() => new Set(handledBy['second']).size === 30, 'everything to be handled', 10_000);
  });

  it('F12 stopping lets what is under way end, commits it, and leaves the group at once', async () => {
    const bus = kafka.bus();
    const began = Promise.withResolvers<void>();
    const subscription = await bus.subscribe({
      topic: 'notes',
      group: 'g',
      handle: async () => {
        began.resolve();
        await systemClock.sleep(300);
      },
    });
    await bus.publish('notes', [message(1), message(2)]);
    await began.promise;
    await subscription.stop();
    expect(await kafka.committed('g', 'notes')).toBe(1);
    const groups = await kafka.withAdmin((admin) => admin.describeGroups(['g']));
    expect(groups.groups[0]?.members ?? []).toEqual([]);
  });

  it('F10 tells how much is not handled yet', async () => {
    const bus = kafka.bus();
    const gate = Promise.withResolvers<void>();
    const subscription = await bus.subscribe({ topic: 'notes', group: 'g', handle: () => gate.promise });
    await until(() => subscription.lag() === 0, 'the lag to be known');
    await bus.publish('notes', [message(1), message(2), message(3)]);
    await until(() => subscription.lag() === 3, 'the lag to show');
    // Fetching is paused now; the probe brings news of what comes meanwhile.
    await bus.publish('notes', [message(4)]);
    await until(() => subscription.lag() === 4, 'the lag to grow');
    gate.resolve();
    await until(() => subscription.lag() === 0, 'the lag to be gone');
    await subscription.stop();
    expect(subscription.lag()).toBeUndefined();
  });

  it('F03 twenty subscriptions of one process are joined within a second', async () => {
    const bus = kafka.bus();
    const topics = Array.from({ length: 20 }, (_, index) => `replies.agent-${index}`);
    await bus.connect();
    const startedAt = performance.now();
    await Promise.all(topics.map((topic) => bus.subscribe({ topic, group: topic, handle: async () => undefined })));
    const tookMs = performance.now() - startedAt;
    // Twice the promise: this machine may be busy.
    expect(tookMs).toBeLessThan(2_000);
  });

  it('F11 a connected bus with nothing to do lets the process sleep', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', onWarning);
    const bus = kafka.bus({ upIntervalMs: 60_000, consumers: { maxWaitMs: 1_000, heartbeatIntervalMs: 1_000 } });
    await bus.subscribe({ topic: 'notes', group: 'g', handle: async () => undefined });
    await bus.publish('notes', [message(1)]);
    await systemClock.sleep(200);
    const timersSet = countTimers();
    await systemClock.sleep(600);
    // kafkajs alone sets one a millisecond on each of its connections.
    expect(timersSet.stop()).toBeLessThan(60);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('D11 in the control group, too, a rejected message comes again', async () => {
    const bus = kafka.bus({}, createHarness({ retry: false, breaker: false, fallback: false }));
    let deliveries = 0;
    await bus.subscribe({
      topic: 'notes',
      group: 'g',
      handle: async () => {
        if (++deliveries < 3) throw new Error('again');
      },
    });
    await bus.publish('notes', [message(1)]);
    await until(async () => (await kafka.committed('g', 'notes')) === 1, 'the commit');
    expect(deliveries).toBe(3);
  });
});
