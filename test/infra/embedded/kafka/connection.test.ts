import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import type { BrokerState } from '../../../../src/infra/embedded/kafka/broker-state.ts';
import { Connection } from '../../../../src/infra/embedded/kafka/connection.ts';
import { GroupCoordinator } from '../../../../src/infra/embedded/kafka/groups/group-coordinator.ts';
import { TopicStore } from '../../../../src/infra/embedded/kafka/log/topic-store.ts';
import { defineMessage, type Message } from '../../../../src/infra/embedded/kafka/protocol/message.ts';
import { until } from '../../../contract/kafka-client.ts';

const ANSWER_BYTES = 1024 * 1024;
const failures: Error[] = [];

const state: BrokerState = {
  clusterId: 'test',
  clock: systemClock,
  topics: new TopicStore({ defaultPartitions: 1, retentionBytes: 1, onListenerError: () => undefined }),
  groups: new GroupCoordinator({ clock: systemClock, initialRebalanceDelayMs: 0 }),
  apis: [],
  nextProducerId: () => 1,
};

interface Pair extends AsyncDisposable {
  readonly client: Socket;
  /** The broker's end. */
  readonly served: Socket;
}

/** A connection that knows only `message`, over real sockets. */
async function pairWith(message: Message): Promise<Pair> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [served] = await accepted;
  const connection = new Connection(served, { broker: state, messages: new Map([[message.apiKey, message]]), advertised: () => ({ host: '', port: 0 }), onFailure: (error) => failures.push(error) });
  return {
    client,
    served,
    async [Symbol.asyncDispose]() {
      connection.destroy();
      client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A request of `bytes` bytes for API key 50. */
function requestOf(bytes: number): Buffer {
  const frame = Buffer.alloc(4 + 10 + 4 + bytes);
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt16BE(50, 4);
  frame.writeInt16BE(-1, 12);
  frame.writeInt32BE(bytes, 14);
  return frame;
}

describe('Connection', () => {
  test('P01 answers that a client does not read hold its later requests back, and none is lost', async () => {
    let served = 0;
    const large = Buffer.alloc(ANSWER_BYTES);
    const message = defineMessage({ apiKey: 50, name: 'Large', minVersion: 0, maxVersion: 0, read: (reader) => reader.bytes(), handle: () => ++served, write: (writer) => void writer.bytes(large) });
    await using pair = await pairWith(message);
    pair.client.pause();
    for (let index = 0; index < 100; index++) pair.client.write(requestOf(1));
    await until(() => pair.served.writableNeedDrain, 'the answers to pile up');
    await new Promise((resolve) => setImmediate(resolve));
    expect(pair.served.writableLength).toBeLessThan(3 * ANSWER_BYTES);
    expect(served).toBeLessThan(50);
    let received = 0;
    pair.client.on('data', (chunk: Buffer) => (received += chunk.length));
    pair.client.resume();
    await until(() => received >= 100 * ANSWER_BYTES, 'all answers');
    expect(served).toBe(100);
  });

  test('P01 a client that sends without end behind a waiting request is read no further until that is answered', async () => {
    const gate = Promise.withResolvers<number>();
    let served = 0;
    const message = defineMessage({
      apiKey: 50,
      name: 'Slow',
      minVersion: 0,
      maxVersion: 0,
      read: (reader) => reader.bytes(),
      handle: () => (++served === 1 ? gate.promise : served),
      write: (writer) => void writer.int32(0),
    });
    await using pair = await pairWith(message);
    for (let index = 0; index < 40; index++) pair.client.write(requestOf(200_000));
    await until(() => pair.served.isPaused(), 'the broker to stop reading');
    expect(served).toBe(1);
    gate.resolve(1);
    await until(() => served === 40, 'every request');
    expect(pair.served.isPaused()).toBe(false);
  });

  test('P01 a handler that fails ends its connection, and the broker is told why', async () => {
    const bug = new Error('a bug of ours');
    const message = defineMessage({ apiKey: 50, name: 'Broken', minVersion: 0, maxVersion: 0, read: (reader) => reader.bytes(), handle: () => Promise.reject<number>(bug), write: () => undefined });
    await using pair = await pairWith(message);
    pair.client.write(requestOf(1));
    await once(pair.client, 'close');
    expect(failures).toEqual([bug]);
  });
});
