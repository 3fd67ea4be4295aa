import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { exchange } from '../../../src/infra/services/exchange.ts';
import { services } from '../../../src/infra/services/index.ts';
import type { Endpoint } from '../../../src/infra/provider.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function serving(onSocket: (socket: Socket) => void): Promise<Endpoint> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    cleanups.push(() => socket.destroy());
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  cleanups.push(() => server.close());
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const context = { seed: '1', logsDir: '', cacheDir: '', llm: { latencyMs: 0, tokensPerSecond: 0 }, hostKey: 'k' };
const never = new AbortController().signal;

describe('exchange', () => {
  it('P01 reads an answer that comes in pieces', async () => {
    const endpoint = await serving((socket) => socket.once('data', (data) => {
      socket.write(data.subarray(0, 2));
      setImmediate(() => socket.write(data.subarray(2)));
    }));
    expect(await exchange(endpoint, Buffer.from('hello'), (received) => (received.length === 5 ? received.toString() : undefined), never)).toBe('hello');
  });

  it('N07 rejects when the server closes, refuses, or never answers', async () => {
    const closing = await serving((socket) => socket.destroy());
    await expect(exchange(closing, Buffer.from('x'), () => undefined, never)).rejects.toThrow(/closed before an answer|ECONNRESET|EPIPE/);
    await expect(exchange({ host: '127.0.0.1', port: 9 }, Buffer.from('x'), () => undefined, never)).rejects.toThrow('ECONNREFUSED');
    const abort = new AbortController();
    const silent = await serving(() => setImmediate(() => abort.abort(new Error('enough'))));
    await expect(exchange(silent, Buffer.from('x'), () => undefined, abort.signal)).rejects.toThrow('enough');
  });
});

describe('probes', () => {
  /** Answers of a broker: Metadata v1, FindCoordinator v0, DescribeGroups v0. */
  const kafkaAnswers = (port: number, coordinatorError: number, groupError: number): Buffer => {
    const error = (code: number): string => code.toString(16).padStart(4, '0');
    const bodies = [`00000001 00000001 0009 ${Buffer.from('127.0.0.1').toString('hex')} ${port.toString(16).padStart(8, '0')} ffff 00000001 00000000`, `${error(coordinatorError)} 00000001 0000 00000000`, `00000001 ${error(groupError)} 0000 0000 0000 0000 00000000`];
    const frames = bodies.map((body, index) => Buffer.from(`00000000 0000000${index + 1} ${body}`.replaceAll(' ', ''), 'hex'));
    for (const frame of frames) frame.writeInt32BE(frame.length - 4, 0);
    return Buffer.concat(frames);
  };

  it('P01 Kafka is not ready while it sends its clients past the proxy', async () => {
    const endpoint = await serving((socket) => socket.once('data', () => socket.write(kafkaAnswers(1000, 0, 0))));
    await expect(services.kafka.probe(endpoint, context, never)).rejects.toThrow(`Kafka sends its clients to 127.0.0.1:1000, past 127.0.0.1:${endpoint.port}`);
  });

  it.each([
    [15, 0, 'no group coordinator yet (error 15)'],
    [0, 14, 'does not answer yet (error 14)'],
  ])('P01 Kafka is not ready before groups can be joined: %s, %s', async (coordinatorError, groupError, message) => {
    const endpoint: Endpoint = await serving((socket) => socket.once('data', () => socket.write(kafkaAnswers(endpoint.port, coordinatorError, groupError))));
    await expect(services.kafka.probe(endpoint, context, never)).rejects.toThrow(message);
  });

  it('P01 Kafka is ready once its coordinator answers', async () => {
    const endpoint: Endpoint = await serving((socket) => socket.once('data', () => socket.write(kafkaAnswers(endpoint.port, 0, 0))));
    await expect(services.kafka.probe(endpoint, context, never)).resolves.toBeUndefined();
  });

  it('P01 Redis that is loading, and PostgreSQL that is starting up, are not ready', async () => {
    const loading = await serving((socket) => socket.write('-LOADING Redis is loading the dataset in memory\r\n'));
    await expect(services.redis.probe(loading, context, never)).rejects.toThrow('-LOADING');
    const body = Buffer.from('SFATAL\0C57P03\0Mthe database system is starting up\0\0');
    const header = Buffer.from('E\0\0\0\0');
    header.writeInt32BE(body.length + 4, 1);
    const starting = await serving((socket) => socket.write(Buffer.concat([header, body])));
    await expect(services.postgres.probe(starting, context, never)).rejects.toThrow('starting up');
  });
});
