import { Kafka, logLevel } from 'kafkajs';
import { raceAbort } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import { counted } from '../../../core/counted.ts';
import { asError } from '../../../core/errors.ts';
import { quietIdleTimers } from '../../../core/kafkajs-idle-timer.ts';
import { kafkaAccess } from '../../../core/service-access.ts';
import type { RunningInfra } from '../../../infra/provider.ts';

const timeoutMs = 5_000;

/** A client of Kafka beside the proxies. */
export function directKafka(infra: RunningInfra): Kafka {
  quietIdleTimers();
  const { host, port } = infra.services.kafka.direct;
  return new Kafka({ clientId: 'netra-lab', brokers: [`${host}:${port}`], ...kafkaAccess({ ...infra.hostEnvironment, NETRA_KAFKA_ADDRESS_MAP: undefined }), connectionTimeout: timeoutMs, requestTimeout: timeoutMs, retry: { retries: 2 }, logLevel: logLevel.NOTHING });
}

/** A topic or a group as the cluster knows it. */
export function nameInCluster({ hostEnvironment }: Pick<RunningInfra, 'hostEnvironment'>, name: string): string {
  return `${hostEnvironment.NETRA_KAFKA_NAME_PREFIX ?? ''}${name}`;
}

export interface StoredMessage {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

/**
 * Publishes as it is, to the partition that the key says, and to one after the other where there is no key; once. Whatever fails is
 * not tried again: a reply that was lost would leave more copies than the fault says that it made.
 */
export async function publish(kafka: Kafka, messages: readonly StoredMessage[], signal: AbortSignal): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
  const topics = new Set(messages.map(({ topic }) => topic));
  const topicMessages = [...topics].map((topic) => ({ topic, messages: messages.filter((each) => each.topic === topic).map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })) }));
  try {
    await raceAbort(producer.connect(), signal);
    await raceAbort(producer.sendBatch({ acks: -1, topicMessages }), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`${counted(messages.length, 'message')} for ${[...topics].join(', ')}: not acknowledged, may be there or not: ${asError(error).message}`, { cause: error });
  } finally {
    await producer.disconnect().catch(() => undefined); // The connection ends with the process at the latest; what was published is there.
  }
}

/** What a topic holds at this moment, read by a group that is removed again. */
export async function readTopic(kafka: Kafka, topic: string, groupId: string, clock: Clock, signal: AbortSignal): Promise<StoredMessage[]> {
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 100 });
  const messages: StoredMessage[] = [];
  try {
    await raceAbort(admin.connect(), signal);
    const ends = new Map((await raceAbort(admin.fetchTopicOffsets(topic), signal)).flatMap(({ partition, low, high }) => (Number(high) > Number(low) ? [[partition, Number(high)] as const] : [])));
    if (ends.size === 0) return [];
    await raceAbort(consumer.connect(), signal);
    await raceAbort(consumer.subscribe({ topic, fromBeginning: true }), signal);
    const read = Promise.withResolvers<void>();
    await raceAbort(
      consumer.run({
        eachMessage: async ({ partition, message }) => {
          messages.push({ topic, key: message.key, value: message.value, headers: message.headers ?? {} });
          if (Number(message.offset) + 1 >= (ends.get(partition) ?? 0)) ends.delete(partition);
          if (ends.size === 0) read.resolve();
        },
      }),
      signal,
    );
    await raceAbort(read.promise, signal);
    return messages;
  } finally {
    await within(clock, consumer.disconnect());
    await within(clock, admin.deleteGroups([groupId]));
    await within(clock, admin.disconnect());
  }
}

/** kafkajs waits without end for a connection that is silently gone; what is left ends with the process. */
async function within(clock: Clock, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const cancel = clock.setTimer(timeoutMs, late.resolve);
  await Promise.race([work.catch(() => undefined), late.promise]);
  cancel();
}
