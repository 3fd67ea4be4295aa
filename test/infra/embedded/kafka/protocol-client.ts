import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { Endpoint } from '../../../../src/infra/provider.ts';

/**
 * The codecs inside kafkajs, one call at a time and with the error codes as they came: an encoder
 * and decoder that the broker's author did not write.
 */
interface Codec {
  readonly request: { readonly apiKey: number; readonly expectResponse?: () => boolean };
  readonly response: { decode(payload: Buffer): Promise<unknown> };
}
interface CodecTable {
  readonly versions: readonly string[];
  protocol(selection: { version: number }): (options: unknown) => Codec;
}

interface Frame {
  readonly correlationId: number;
  readonly contents: Buffer;
}

const require = createRequire(import.meta.url);
export const codecs = require('kafkajs/src/protocol/requests/index.js').requests as Readonly<Record<string, CodecTable>>;
const encodeFrame = require('kafkajs/src/protocol/request.js') as (parts: { correlationId: number; clientId: string; request: unknown }) => Promise<{ buffer: Buffer }>;

export interface ProtocolClient extends AsyncDisposable {
  /** Sends one request and resolves to its decoded answer; undefined where none is expected. Throws where answers come out of order. */
  call<Answer>(api: string, version: number, options: unknown): Promise<Answer>;
  /** Sends bytes as they are. */
  write(bytes: Buffer): void;
  /** The next answer without its length and correlation id. */
  nextFrame(): Promise<Buffer>;
  /** Drops the connection without a word. */
  drop(): void;
  readonly closed: Promise<void>;
}

export async function protocolClient({ host, port }: Endpoint): Promise<ProtocolClient> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const frames: Frame[] = [];
  const readers: PromiseWithResolvers<Frame>[] = [];
  let buffered = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const reader of readers.splice(0)) reader.reject(new Error('the broker closed the connection'));
  });
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
      const end = 4 + buffered.readInt32BE(0);
      const frame = { correlationId: buffered.readInt32BE(4), contents: buffered.subarray(8, end) };
      buffered = buffered.subarray(end);
      const reader = readers.shift();
      if (reader === undefined) frames.push(frame);
      else reader.resolve(frame);
    }
  });
  const nextFrame = (): Promise<Frame> => {
    const frame = frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    if (socket.closed) return Promise.reject(new Error('the broker closed the connection'));
    const reader = Promise.withResolvers<Frame>();
    readers.push(reader);
    return reader.promise;
  };
  let correlationId = 0;
  return {
    nextFrame: async () => (await nextFrame()).contents,
    closed,
    write: (bytes) => void socket.write(bytes),
    drop: () => void socket.destroy(),
    async call<Answer>(api: string, version: number, options: unknown) {
      const { request, response } = (codecs[api] as CodecTable).protocol({ version })(options);
      const id = ++correlationId;
      const { buffer } = await encodeFrame({ correlationId: id, clientId: 'protocol-client', request });
      const answer = request.expectResponse?.() === false ? undefined : nextFrame();
      socket.write(buffer);
      if (answer === undefined) return undefined as Answer;
      const frame = await answer;
      if (frame.correlationId !== id) throw new Error(`answer ${frame.correlationId} came in the place of answer ${id}`);
      return (await response.decode(frame.contents)) as Answer;
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
}

export interface ProduceAnswer {
  readonly topics: readonly { readonly partitions: readonly { readonly errorCode: number; readonly baseOffset: string; readonly logStartOffset: string }[] }[];
}

export interface FetchAnswer {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number; readonly highWatermark: string; readonly messages: readonly { readonly offset: string; readonly value: Buffer }[] }[];
  }[];
}

export interface JoinAnswer {
  readonly errorCode: number;
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  readonly members: readonly { readonly memberId: string }[];
}

interface ProduceOptions {
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly firstSequence?: number;
  readonly acks?: number;
  readonly partition?: number;
}

export function produceRequest(topic: string, values: readonly string[], { producerId = -1, producerEpoch = 0, firstSequence = 0, acks = -1, partition = 0 }: ProduceOptions = {}): unknown {
  return { acks, timeout: 1000, producerId, producerEpoch, topicData: [{ topic, partitions: [{ partition, firstSequence, messages: values.map((value) => ({ key: null, value: Buffer.from(value) })) }] }] };
}

interface FetchOptions {
  readonly maxWaitTime?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
}

export function fetchRequest(topic: string, offsets: Readonly<Record<number, number>>, { maxWaitTime = 0, minBytes = 1, maxBytes = 1_000_000, partitionMaxBytes = 1_000_000 }: FetchOptions = {}): unknown {
  const partitions = Object.entries(offsets).map(([partition, fetchOffset]) => ({ partition: Number(partition), currentLeaderEpoch: -1, fetchOffset, logStartOffset: -1, maxBytes: partitionMaxBytes }));
  return { maxWaitTime, minBytes, maxBytes, topics: [{ topic, partitions }], rackId: '' };
}

export function joinRequest(groupId: string, memberId = '', { sessionTimeout = 10_000, rebalanceTimeout = 10_000 } = {}): unknown {
  return { groupId, sessionTimeout, rebalanceTimeout, memberId, protocolType: 'consumer', groupProtocols: [{ name: 'range', metadata: Buffer.from('subscription') }] };
}
