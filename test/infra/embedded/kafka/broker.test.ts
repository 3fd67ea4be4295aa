import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { InvariantViolation } from '../../../../src/core/error-codes.ts';
import { InfraUnavailable } from '../../../../src/infra/error-codes.ts';
import { startKafkaBroker, type RunningKafka } from '../../../../src/infra/embedded/kafka/broker.ts';
import { MalformedRequest } from '../../../../src/infra/embedded/kafka/error-codes.ts';
import { kafkaError } from '../../../../src/infra/embedded/kafka/protocol/kafka-error.ts';
import type { Endpoint } from '../../../../src/infra/provider.ts';
import { until } from '../../../contract/kafka-client.ts';
import { joinRequest, produceRequest, protocolClient, type JoinAnswer, type ProduceAnswer } from './protocol-client.ts';

function clientOf({ host, port }: Endpoint): Kafka {
  return new Kafka({ brokers: [`${host}:${port}`], clientId: 'test', logLevel: logLevel.NOTHING, retry: { initialRetryTime: 20, retries: 5 } });
}

/** Passes bytes on and counts connections, as the simplest of proxies. */
async function forwarder(target: Endpoint): Promise<AsyncDisposable & { readonly address: Endpoint; readonly connections: () => number }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((incoming) => {
    connections++;
    const outgoing = connect(target);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** The port of the only broker, as its clients are told it. */
async function toldPort(kafka: Kafka): Promise<number | undefined> {
  const admin = kafka.admin();
  await admin.connect();
  const { brokers } = await admin.describeCluster();
  await admin.disconnect();
  return brokers[0]?.port;
}

async function brokerWithFailures(): Promise<{ broker: RunningKafka; failures: Error[] } & AsyncDisposable> {
  const failures: Error[] = [];
  const broker = await startKafkaBroker({ listeners: [{ name: 'direct' }], initialRebalanceDelayMs: 0, onConnectionFailure: (error) => failures.push(error) });
  return { broker, failures, [Symbol.asyncDispose]: () => broker.close() };
}

const header = (apiKey: number, version: number): Buffer => Buffer.from([0, apiKey, 0, version, 0, 0, 0, 1, 255, 255]);
const framed = (contents: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(contents.length);
  return Buffer.concat([length, contents]);
};

describe('listeners', () => {
  test('P01 clients of a proxied listener are led through the proxy, others are not', async () => {
    await using broker = await startKafkaBroker({ listeners: [{ name: 'direct' }, { name: 'proxied' }] });
    await using proxy = await forwarder(broker.address('proxied'));
    broker.advertise('proxied', proxy.address);
    const outside = clientOf(proxy.address);
    const producer = outside.producer();
    await producer.connect();
    await producer.send({ topic: 't', messages: [{ value: 'through the proxy' }] });
    const consumer = outside.consumer({ groupId: 'g', maxWaitTimeInMs: 50 });
    const values: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: 't', fromBeginning: true });
    await consumer.run({ eachMessage: ({ message }) => Promise.resolve(void values.push(String(message.value))) });
    await until(() => values.length === 1, 'the message');
    expect(proxy.connections()).toBeGreaterThanOrEqual(3);
    expect(await toldPort(outside)).toBe(proxy.address.port);
    expect(await toldPort(clientOf(broker.address('direct')))).toBe(broker.address('direct').port);
    await Promise.all([consumer.disconnect(), producer.disconnect()]);
  });

  test('P01 a listener may advertise another address from the start', async () => {
    await using broker = await startKafkaBroker({ listeners: [{ name: 'direct', advertised: { host: 'kafka.example', port: 9092 } }] });
    await using client = await protocolClient(broker.address('direct'));
    expect(await client.call('Metadata', 6, { topics: ['t'] })).toMatchObject({ brokers: [{ host: 'kafka.example', port: 9092 }] });
    expect(await client.call('GroupCoordinator', 2, { groupId: 'g' })).toMatchObject({ coordinator: { host: 'kafka.example', port: 9092 } });
  });

  test('P01 a port in use is a sentence that says so, and no listener is left open', async () => {
    await using first = await startKafkaBroker({ listeners: [{ name: 'direct' }] });
    const { port } = first.address('direct');
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const freePort = (free.address() as AddressInfo).port;
    free.close();
    await once(free, 'close');
    const second = startKafkaBroker({ listeners: [{ name: 'proxied', port: freePort }, { name: 'direct', port }] });
    await expect(second).rejects.toThrow(InfraUnavailable);
    await expect(second).rejects.toThrow(`Kafka (listener direct) cannot listen on 127.0.0.1:${port}: the port is in use`);
    await using third = await startKafkaBroker({ listeners: [{ name: 'direct', port: freePort }] });
    expect(third.address('direct').port).toBe(freePort);
    expect(() => third.address('proxied')).toThrow(InvariantViolation);
  });

  test('P01 closing answers members that wait, ends every connection, and frees the port; twice is as good as once', async () => {
    const broker = await startKafkaBroker({ listeners: [{ name: 'direct' }], initialRebalanceDelayMs: 60_000 });
    const address = broker.address('direct');
    const [waiting, idle] = await Promise.all([protocolClient(address), protocolClient(address)]);
    const join = waiting.call<JoinAnswer>('JoinGroup', 3, joinRequest('g'));
    await until(async () => (await idle.call<{ groups: { members: unknown[] }[] }>('DescribeGroups', 2, { groupIds: ['g'] })).groups[0]?.members.length === 1, 'the member');
    await Promise.all([broker.close(), broker.close()]);
    expect((await join).errorCode).toBe(kafkaError.COORDINATOR_NOT_AVAILABLE);
    await Promise.all([waiting.closed, idle.closed]);
    await expect(protocolClient(address)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('malformed requests', () => {
  test.each<[string, Buffer]>([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a negative length', Buffer.from([255, 255, 255, 255])],
    ['an empty frame', Buffer.from([0, 0, 0, 0])],
    ['half a header', framed(Buffer.from([0, 3, 0]))],
    ['an unknown message', framed(header(99, 0))],
    ['a version from the future', framed(header(3, 99))],
    ['a version from the past', framed(header(0, 0))],
    ['a message that is cut off', framed(Buffer.concat([header(3, 6), Buffer.from([0, 0, 0, 1, 0, 9])]))],
    ['bytes after the message', framed(Buffer.concat([header(16, 2), Buffer.from([1])]))],
  ])('P01 %s closes the connection it came by, and no other', async (_what, bytes) => {
    await using lab = await brokerWithFailures();
    await using good = await protocolClient(lab.broker.address('direct'));
    await good.call('Metadata', 6, { topics: ['t'] });
    const bad = await protocolClient(lab.broker.address('direct'));
    bad.write(bytes);
    await bad.closed;
    expect(lab.failures).toEqual([expect.any(MalformedRequest)]);
    const answer = await good.call<ProduceAnswer>('Produce', 7, produceRequest('t', ['still here']));
    expect(answer.topics[0]?.partitions[0]?.errorCode).toBe(0);
  });

  test('P01 a request that comes byte by byte is read all the same', async () => {
    await using lab = await brokerWithFailures();
    await using client = await protocolClient(lab.broker.address('direct'));
    for (const byte of framed(header(16, 2))) {
      client.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.nextFrame()).readInt16BE(4)).toBe(0);
  });

  test('P01 a client with a newer ApiVersions is told the versions there are', async () => {
    await using lab = await brokerWithFailures();
    await using client = await protocolClient(lab.broker.address('direct'));
    client.write(framed(Buffer.concat([header(18, 3), Buffer.from([0, 5, 110, 111])])));
    const answer = await client.nextFrame();
    expect(answer.readInt16BE(0)).toBe(kafkaError.UNSUPPORTED_VERSION);
    expect(answer.readInt32BE(2)).toBeGreaterThan(15);
  });

  test('P01 a client that leaves without a word is no failure of the broker', async () => {
    await using lab = await brokerWithFailures();
    const client = await protocolClient(lab.broker.address('direct'));
    const join = client.call('JoinGroup', 3, joinRequest('g'));
    await join;
    client.drop();
    await client.closed;
    await using other = await protocolClient(lab.broker.address('direct'));
    await other.call('ApiVersions', 2, {});
    expect(lab.failures).toEqual([]);
  });
});

describe('a fleet', () => {
  test('P01 twenty consumers in twenty groups that start at once have their partitions within two seconds', async () => {
    await using broker = await startKafkaBroker({ listeners: [{ name: 'direct' }] });
    const startedAt = performance.now();
    const consumers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const consumer = clientOf(broker.address('direct')).consumer({ groupId: `group-${index}`, maxWaitTimeInMs: 50 });
        const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
        await consumer.connect();
        await consumer.subscribe({ topics: [`topic-${index}`, 'shared'], fromBeginning: true });
        await consumer.run({ eachMessage: () => Promise.resolve() });
        await joined;
        return consumer;
      }),
    );
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await Promise.all(consumers.map((consumer) => consumer.disconnect()));
  });
});
