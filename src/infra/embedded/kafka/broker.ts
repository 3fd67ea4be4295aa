import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { InvariantViolation } from '../../../core/error-codes.ts';
import { asError } from '../../../core/errors.ts';
import type { Endpoint } from '../../provider.ts';
import { listenOn } from '../listen.ts';
import type { BrokerState } from './broker-state.ts';
import { Connection } from './connection.ts';
import { GroupCoordinator } from './groups/group-coordinator.ts';
import { TopicStore } from './log/topic-store.ts';
import { messages } from './messages/index.ts';

export interface KafkaListener {
  readonly name: string;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0: one that is free */
  readonly port?: number;
  /** What Metadata and FindCoordinator tell clients that came in by this listener. @default its own address */
  readonly advertised?: Endpoint;
}

export interface KafkaBrokerOptions {
  readonly listeners: readonly KafkaListener[];
  /** @default systemClock */
  readonly clock?: Clock;
  /** Partitions of a topic that is made without a count, or by being asked for. @default 1 */
  readonly defaultPartitions?: number;
  /** How long the first member of a group waits for others, in milliseconds. @default 20 */
  readonly initialRebalanceDelayMs?: number;
  /** Bound on all records in memory; beyond it the largest partition loses its oldest batches. @default 128 MiB */
  readonly retentionBytes?: number;
  /** Told why the broker closed a connection of its own accord. @default a process warning */
  readonly onConnectionFailure?: (error: Error) => void;
}

export interface RunningKafka extends AsyncDisposable {
  /** The address actually bound for a listener. Throws InvariantViolation where there is none of that name. */
  address(listener: string): Endpoint;
  /** Sets what a listener advertises: a proxy in front of it is known only after the listener's port is. */
  advertise(listener: string, address: Endpoint): void;
  /** Answers whoever waits for a group, closes every connection and port. A second call waits for the first. */
  close(): Promise<void>;
}

interface OpenListener {
  readonly server: Server;
  readonly bound: Endpoint;
  advertised: Endpoint;
}

const DEFAULT_REBALANCE_DELAY_MS = 20;
const DEFAULT_RETENTION_BYTES = 128 * 1024 * 1024;

const messagesByKey = new Map(messages.map((message) => [message.apiKey, message]));

/**
 * A Kafka broker of one node, in memory, for the messages that kafkajs 2.2 sends (`messages/index.ts`).
 * No transactions, no security, no static group membership. Throws InfraUnavailable where a port cannot be bound.
 */
export async function startKafkaBroker(options: KafkaBrokerOptions): Promise<RunningKafka> {
  const onFailure = options.onConnectionFailure ?? ((error: Error) => process.emitWarning(error));
  const state = createState(options, onFailure);
  const connections = new Set<Connection>();
  const listeners = new Map<string, OpenListener>();
  const find = (name: string): OpenListener => {
    const listener = listeners.get(name);
    if (listener === undefined) throw new InvariantViolation(`The Kafka broker has no listener ${name}; it has ${[...listeners.keys()].join(', ')}.`);
    return listener;
  };

  const shutDown = async (): Promise<void> => {
    const serversClosed = [...listeners.values()].map(({ server }) => once(server, 'close'));
    for (const { server } of listeners.values()) server.close();
    state.groups.close();
    // One turn of the event loop: the answers that closing the groups has set off are written in it.
    await new Promise((resolve) => setImmediate(resolve));
    for (const connection of connections) connection.destroy();
    await Promise.all(serversClosed);
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= shutDown());

  try {
    for (const listener of options.listeners) {
      const server = createServer((socket) => {
        const connection = new Connection(socket, { broker: state, messages: messagesByKey, advertised: () => find(listener.name).advertised, onFailure });
        connections.add(connection);
        socket.once('close', () => connections.delete(connection));
      });
      const bound = await listenOn(server, `Kafka (listener ${listener.name})`, listener.host ?? '127.0.0.1', listener.port ?? 0);
      server.on('error', onFailure);
      listeners.set(listener.name, { server, bound, advertised: listener.advertised ?? bound });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    address: (name) => find(name).bound,
    advertise: (name, address) => {
      find(name).advertised = address;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createState(options: KafkaBrokerOptions, onListenerError: (error: Error) => void): BrokerState {
  const clock = options.clock ?? systemClock;
  let producerIds = 0;
  return {
    clusterId: randomBytes(16).toString('base64url'),
    clock,
    topics: new TopicStore({
      defaultPartitions: options.defaultPartitions ?? 1,
      retentionBytes: options.retentionBytes ?? DEFAULT_RETENTION_BYTES,
      onListenerError: (error) => onListenerError(asError(error)),
    }),
    groups: new GroupCoordinator({ clock, initialRebalanceDelayMs: options.initialRebalanceDelayMs ?? DEFAULT_REBALANCE_DELAY_MS }),
    apis: messages,
    nextProducerId: () => ++producerIds,
  };
}
