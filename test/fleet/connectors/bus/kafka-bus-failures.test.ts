import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { deadlineAfter } from '../../../../src/core/deadline.ts';
import type { KafkaBus } from '../../../../src/fleet/connectors/bus/kafka-bus.ts';
import { until } from '../../../helpers/until.ts';
import { rejection } from '../connector-harness.ts';
import { BusHarness, numberOf, texts } from './bus-harness.ts';

let kafka: BusHarness;

beforeEach(async () => {
  kafka = await BusHarness.start();
});
afterEach(async () => kafka[Symbol.asyncDispose]());

const message = (n: number, key = 'k') => ({ key, value: { n } });
const isUp = (bus: KafkaBus, up: boolean) => until(() => bus.state.up === up, `Kafka ${up ? 'up' : 'down'}`, 8_000);

/** An answer to the right question, cut off: kafkajs reads beyond its end, and gives up on a RangeError. */
const cutOff = (chunk: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 8]), chunk.subarray(4, 8), Buffer.from([255, 255, 255, 255])]);

async function listening(bus: KafkaBus): Promise<number[]> {
  const received: number[] = [];
  await bus.subscribe({ topic: 'notes', group: 'g', handle: async (incoming) => void received.push(numberOf(incoming)) });
  return received;
}

async function eventuallyPublish(bus: KafkaBus, n: number): Promise<void> {
  await until(() => bus.publish('notes', [message(n)]).then(() => true, () => false), `message ${n} to be published`, 10_000);
}

describe('KafkaBus when Kafka fails', () => {
  it('F03 while the cluster is gone it is known to be down, publishing fails soon and retriably, and all comes back by itself', async () => {
    const bus = kafka.bus();
    const received = await listening(bus);
    const states: boolean[] = [];
    bus.onStateChange((state) => states.push(state.up));
    await kafka.forwarder.refuse();
    await isUp(bus, false);
    const startedAt = performance.now();
    expect(await rejection(bus.publish('notes', [message(1)], { deadline: deadlineAfter(systemClock, 1_000) }))).toMatchObject({
      code: expect.stringMatching(/KAFKA_UNAVAILABLE|CIRCUIT_OPEN/),
    });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await kafka.forwarder.listenAgain();
    await isUp(bus, true);
    expect(states).toEqual([false, true]);
    await eventuallyPublish(bus, 2);
    await until(() => received.includes(2), 'the consumer to be back', 10_000);
  });

  it('F03 a host that starts before its cluster joins once that is there', async () => {
    await kafka.forwarder.refuse();
    const bus = kafka.bus();
    bus.start();
    await isUp(bus, false);
    expect(await rejection(bus.connect())).toMatchObject({ code: 'KAFKA_UNAVAILABLE', retriable: true });
    expect(await rejection(bus.subscribe({ topic: 'notes', group: 'g', handle: async () => undefined }))).toMatchObject({ code: 'KAFKA_UNAVAILABLE', retriable: true });
    await kafka.forwarder.listenAgain();
    await isUp(bus, true);
    await bus.connect();
    const received = await listening(bus);
    await bus.publish('notes', [message(1)]);
    await until(() => received.length === 1, 'the message');
  });

  it('N07 a connection that silently goes dead: noticed, replaced, nothing lost', async () => {
    const bus = kafka.bus();
    const received = await listening(bus);
    await bus.publish('notes', [message(1)]);
    await until(() => received.length === 1, 'the first message');
    kafka.forwarder.silence();
    await isUp(bus, false);
    await kafka.produceRaw('notes', ['{"n":2}']);
    kafka.forwarder.unsilence();
    await isUp(bus, true);
    await until(() => received.includes(2), 'the message of the meantime', 12_000);
    await eventuallyPublish(bus, 3);
    await until(() => received.includes(3), 'a new message');
    expect(new Set(received)).toEqual(new Set([1, 2, 3]));
  });

  it('N07 a consumer that hangs without an error is replaced', async () => {
    const bus = kafka.bus();
    const received = await listening(bus);
    // What a proxy says that has lost its target. kafkajs takes it for the length of an answer of 1.2 GB, and waits.
    kafka.forwarder.garble(() => Buffer.from('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    await until(() => kafka.harness.lines.some(({ message: text }) => text === 'a consumer hangs and is replaced'), 'the consumer to be missed', 10_000);
    kafka.forwarder.garble(undefined);
    kafka.forwarder.reset();
    await eventuallyPublish(bus, 1);
    await until(() => received.length > 0, 'the consumer to be back', 12_000);
    expect(received[0]).toBe(1);
  });

  it('N07 a consumer that crashed on an error that kafkajs deems final is started again all the same', async () => {
    const bus = kafka.bus();
    const received = await listening(bus);
    kafka.forwarder.garble(cutOff);
    const restarted = () => kafka.harness.lines.find(({ message: text }) => text === 'a consumer is restarted');
    await until(() => restarted() !== undefined, 'the consumer to crash', 10_000);
    expect(restarted()?.fields?.['error']).toMatchObject({ name: expect.stringMatching(/RangeError|KafkaJSNonRetriableError/) });
    kafka.forwarder.garble(undefined);
    kafka.forwarder.reset();
    await eventuallyPublish(bus, 1);
    await until(() => received.includes(1), 'the consumer to be back', 12_000);
  });

  it('N07 after a batch whose answer was lost, the next batch is not taken for its repetition', async () => {
    // kafkajs has to be done with the lost batch, its own repetition included, before the next one is sent.
    const bus = kafka.bus({ requestTimeoutMs: 200, sendTimeoutMs: 1_500 });
    const received = await listening(kafka.bus({ brokers: [kafka.direct] }));
    await bus.publish('notes', [message(0)]);
    await until(() => received.length === 1, 'the first message');
    kafka.forwarder.loseAnswers(true);
    expect(await rejection(bus.publish('notes', [message(1)], { deadline: deadlineAfter(systemClock, 1_400) }))).toBeInstanceOf(Error);
    kafka.forwarder.loseAnswers(false);
    kafka.forwarder.reset();
    await isUp(bus, true);
    await eventuallyPublish(bus, 2);
    await until(() => received.includes(2), 'the second batch', 3_000);
    // It was stored though its answer was lost: at least once.
    expect(received).toContain(1);
  });

  it('R08 an abort ends a publication under way with its own reason', async () => {
    const bus = kafka.bus();
    await bus.publish('notes', [message(0)]);
    kafka.forwarder.silence();
    const controller = new AbortController();
    const publishing = rejection(bus.publish('notes', [message(1)], { signal: controller.signal }));
    controller.abort(new Error('not wanted'));
    expect((await publishing).message).toBe('not wanted');
  });

  it('R11 a message that the broker refuses for good fails alone, not with those that travel along', async () => {
    const bus = kafka.bus();
    const received = await listening(bus);
    bus.addTopic(texts);
    await bus.ensureTopics([{ topic: 'texts', partitions: 1 }]);
    await bus.publish('notes', [message(0)]);
    const [first, tooLarge, last] = await Promise.allSettled([bus.publish('notes', [message(1)]), bus.publish('texts', [{ key: 'k', value: { text: 'x'.repeat(3_000_000) } }]), bus.publish('notes', [message(2)])]);
    expect(tooLarge).toMatchObject({ status: 'rejected', reason: { code: 'KAFKA_REFUSED', retriable: false } });
    expect([first?.status, last?.status]).toEqual(['fulfilled', 'fulfilled']);
    await until(() => received.includes(2), 'the messages');
    expect(received.filter((n) => n === 2)).toHaveLength(1);
  });

  it('F11 the work on a message goes on while its consumer is replaced, and is not done twice', async () => {
    const bus = kafka.bus();
    const delivered: number[] = [];
    const aborted: number[] = [];
    const gate = Promise.withResolvers<void>();
    const subscription = await bus.subscribe({
      topic: 'notes',
      group: 'g',
      handle: async (incoming, { signal }) => {
        delivered.push(numberOf(incoming));
        await gate.promise;
        if (signal.aborted) aborted.push(numberOf(incoming));
      },
    });
    await bus.publish('notes', [message(1), message(2)]);
    await until(() => delivered.length === 1, 'the delivery');
    await kafka.forwarder.refuse();
    await until(() => subscription.lag() === undefined, 'the consumer to fail', 10_000);
    await kafka.forwarder.listenAgain();
    // Joined again and fetching, with the first message still under way.
    await until(() => subscription.lag() !== undefined, 'the group to be joined', 12_000);
    gate.resolve();
    await until(async () => (await kafka.committed('g', 'notes')) === 2, 'the commit', 12_000);
    await eventuallyPublish(bus, 3);
    await until(() => delivered.includes(3), 'the third message', 10_000);
    expect({ delivered, aborted }).toEqual({ delivered: [1, 2, 3], aborted: [] });
  });

  it('F12 closing is quick and leaves no connection, even on a dead line', async () => {
    const bus = kafka.bus();
    await listening(bus);
    await bus.publish('notes', [message(1)]);
    kafka.forwarder.silence();
    const startedAt = performance.now();
    await bus.close(AbortSignal.timeout(500));
    expect(performance.now() - startedAt).toBeLessThan(6_000);
    expect(await rejection(bus.publish('notes', [message(2)]))).toMatchObject({ code: 'KAFKA_UNAVAILABLE', retriable: false });
  });
});
