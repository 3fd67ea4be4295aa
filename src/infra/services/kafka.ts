import type { Endpoint } from '../provider.ts';
import { exchange } from './exchange.ts';
import type { ServiceDefinition } from './service.ts';

/** Clients are sent to the address that the listener advertises, so the lab and the hosts need one each. */
const DIRECT = 'direct';
const PROXIED = 'proxied';
const dataFolder = '/var/lib/kafka/data';

export const kafka: ServiceDefinition = {
  name: 'kafka',
  embedded: {
    process: 'shared',
    async start({ clock, warn }) {
      const { startKafkaBroker } = await import('../embedded/kafka/broker.ts');
      const broker = await startKafkaBroker({ clock, listeners: [{ name: DIRECT }, { name: PROXIED }], onConnectionFailure: (error) => warn(`Kafka closed a connection: ${error.message}`) });
      return {
        direct: broker.address(DIRECT),
        upstream: broker.address(PROXIED),
        proxied: (endpoint) => broker.advertise(PROXIED, endpoint),
        [Symbol.asyncDispose]: () => broker.close(),
      };
    },
  },
  container: {
    image: 'kafka',
    directPort: 9092,
    upstreamPort: 9093,
    environment: {
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: 'DIRECT://:9092,PROXIED://:9093,INTERNAL://:9095,CONTROLLER://:9094',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'DIRECT:PLAINTEXT,PROXIED:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'INTERNAL',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9094',
      // One broker: what is usually kept three times is kept once, and what is spread over fifty partitions need not be.
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '1',
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
      KAFKA_LOG_DIRS: dataFolder,
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '20',
      KAFKA_HEAP_OPTS: '-Xms256m -Xmx256m',
      // Of a broker that lives for a minute: quick to start rather than quick in the long run.
      KAFKA_JVM_PERFORMANCE_OPTS: '-server -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Djava.awt.headless=true',
    },
    // A new partition is files and syncs; a fleet has more than a hundred, and a producer is refused until its own are there.
    inMemory: [dataFolder],
    startScript: ({ direct, proxied }) =>
      `export KAFKA_ADVERTISED_LISTENERS=DIRECT://${direct.host}:${direct.port},PROXIED://${proxied.host}:${proxied.port},INTERNAL://localhost:9095\nexec /etc/kafka/docker/run\n`,
  },
  async probe(endpoint, _, signal) {
    const { broker, coordinatorError, groupError } = await exchange(endpoint, Buffer.concat([metadata, findCoordinator, describeGroups]), readAnswers, signal);
    if (broker.host !== endpoint.host || broker.port !== endpoint.port) {
      throw new Error(`Kafka sends its clients to ${broker.host}:${broker.port}, past ${endpoint.host}:${endpoint.port}`);
    }
    if (coordinatorError !== 0) throw new Error(`Kafka has no group coordinator yet (error ${coordinatorError})`);
    if (groupError !== 0) throw new Error(`Kafka's group coordinator does not answer yet (error ${groupError})`);
  },
  hostEnvironment: ({ host, port }) => ({ NETRA_KAFKA_BROKERS: `${host}:${port}` }),
};

/** A group that nobody is in; asking for its coordinator makes a new broker create the topic that groups are kept in. */
const PROBE_GROUP = 'netra-probe';

/**
 * Sent together, answered in order, in versions that brokers of any age know:
 *
 *     size i32 · api_key i16 · api_version i16 · correlation_id i32 · client_id string · body
 *
 * Metadata v1 for no topic (array, empty), FindCoordinator v0 (group string), DescribeGroups v0 (array of group string).
 */
const metadata = request(3, 1, 1, int32(0));
const findCoordinator = request(10, 0, 2, string(PROBE_GROUP));
const describeGroups = request(15, 0, 3, Buffer.concat([int32(1), string(PROBE_GROUP)]));

interface Answers {
  readonly broker: Endpoint;
  readonly coordinatorError: number;
  readonly groupError: number;
}

/**
 * Each is: size i32 · correlation_id i32 · body. Metadata: brokers array of (node_id i32 · host string · port i32 · rack) · …;
 * FindCoordinator: error i16 · …; DescribeGroups: array of (error i16 · …).
 */
function readAnswers(received: Buffer): Answers | undefined {
  const bodies: Buffer[] = [];
  for (let at = 0; at + 4 <= received.length; ) {
    const end = at + 4 + received.readInt32BE(at);
    if (end > received.length) break;
    bodies.push(received.subarray(at + 8, end));
    at = end;
  }
  const [brokers, coordinator, groups] = bodies;
  if (brokers !== undefined && brokers.readInt32BE(0) < 1) throw new Error('Kafka names no broker');
  if (brokers === undefined || coordinator === undefined || groups === undefined) return undefined;
  const hostEnd = 10 + brokers.readInt16BE(8);
  const broker = { host: brokers.subarray(10, hostEnd).toString('utf8'), port: brokers.readInt32BE(hostEnd) };
  return { broker, coordinatorError: coordinator.readInt16BE(0), groupError: groups.readInt16BE(4) };
}

function request(apiKey: number, version: number, correlationId: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt16BE(apiKey, 0);
  head.writeInt16BE(version, 2);
  head.writeInt32BE(correlationId, 4);
  const rest = Buffer.concat([head, string('netra-probe'), body]);
  return Buffer.concat([int32(rest.length), rest]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  const size = Buffer.alloc(2);
  size.writeInt16BE(bytes.length);
  return Buffer.concat([size, bytes]);
}
