import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/until.ts';

const run = promisify(execFile);
const startTimeoutMs = 90_000;

const docker = async (...args: string[]): Promise<string> => (await run('docker', args, { timeout: startTimeoutMs })).stdout.trim();

function imageOf(variable: string): string {
  const image = process.env[variable];
  if (image === undefined) throw new Error(`${variable} is not set, and scripts/local-images/build has not built that image: run it first`);
  return image;
}

class Container implements AsyncDisposable {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  /** `options` as for `docker run`, `command` after the image's name. */
  static async start(variable: string, options: string[], command: string[] = []): Promise<Container> {
    return new Container(await docker('run', '--detach', '--label', 'netra-resilience.test=local-images', ...options, imageOf(variable), ...command));
  }

  async hostPort(port: number): Promise<number> {
    return Number((await docker('port', this.id, `${port}/tcp`)).split('\n')[0]?.split(':').at(-1));
  }

  async log(): Promise<string> {
    const { stdout, stderr } = await run('docker', ['logs', this.id]);
    return stdout + stderr;
  }

  /** User name of the container's first process. */
  async user(): Promise<string> {
    return docker('exec', this.id, 'sh', '-c', 'getent passwd "$(stat -c %u /proc/1)" | cut -d: -f1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker('rm', '--force', '--volumes', this.id);
  }
}

const published = (port: number): string[] => ['--publish', `127.0.0.1::${port}`];
const environment = (values: Record<string, string>): string[] => Object.entries(values).flatMap(([name, value]) => ['--env', `${name}=${value}`]);

/** Tries until `attempt` gives a value; its last error tells why it never did. */
async function eventually<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  let last: unknown;
  await until(
    async () => {
      result = await attempt().then((value) => ({ value }), (error: unknown) => void (last = error));
      return result !== undefined;
    },
    what,
    startTimeoutMs,
  ).catch((error: Error) => {
    throw new Error(error.message, { cause: last });
  });
  return (result as unknown as { value: T }).value;
}

describe('P01 local image of Redis', () => {
  test('P01 options alone are the server’s, other machines are answered, the server is not root', async () => {
    await using container = await Container.start('NETRA_IMAGE_REDIS', published(6379), ['--maxmemory', '50mb', '--appendonly', 'yes']);
    const redis = new Redis({ host: '127.0.0.1', port: await container.hostPort(6379), retryStrategy: () => 50, maxRetriesPerRequest: null });
    redis.on('error', () => { /* connections refused until the server listens */ });
    try {
      expect(await redis.ping()).toBe('PONG');
      expect(await redis.config('GET', 'maxmemory')).toEqual(['maxmemory', String(50 * 1024 * 1024)]);
      expect(Number(/redis_version:(\d+)/.exec(await redis.info('server'))?.[1])).toBeGreaterThanOrEqual(7);
      expect(await docker('exec', container.id, 'ls', '/data')).toContain('appendonlydir');
      expect(await container.user()).toBe('redis');
    } finally {
      redis.disconnect();
    }
  });

  test('P01 a protected-mode that was asked for stays', async () => {
    await using container = await Container.start('NETRA_IMAGE_REDIS', [], ['redis-server', '--protected-mode', 'yes']);
    const mode = await eventually('redis-cli', async () => {
      const reply = await docker('exec', container.id, 'redis-cli', 'config', 'get', 'protected-mode');
      if (!reply.startsWith('protected-mode')) throw new Error(reply);
      return reply;
    });
    expect(mode).toBe('protected-mode\nyes');
  });
});

describe('P01 local image of PostgreSQL', () => {
  const account = { user: 'netra', password: 'it is "secret"', database: 'fleet "one"' };

  async function connected(port: number, password = account.password): Promise<Client> {
    const client = new Client({ host: '127.0.0.1', port, ...account, password });
    client.on('error', () => { /* the server is stopped under it at the end */ });
    await client.connect();
    return client;
  }

  test('P01 user, password and database of the environment, and data that outlives a restart', async () => {
    await using container = await Container.start('NETRA_IMAGE_POSTGRES', [
      ...published(5432),
      ...environment({ POSTGRES_USER: account.user, POSTGRES_PASSWORD: account.password, POSTGRES_DB: account.database }),
    ], ['-c', 'max_connections=17']);
    const port = await container.hostPort(5432);
    const client = await eventually('a connection', () => connected(port));
    const { rows } = await client.query<{ version: string; connections: string }>(
      `select current_setting('server_version_num') as version, current_setting('max_connections') as connections`);
    expect(Number(rows[0]?.version)).toBeGreaterThanOrEqual(160_000);
    expect(rows[0]?.connections).toBe('17');
    await client.query('create table kept (id int); insert into kept values (1)');
    await client.end();

    await expect(connected(port, 'wrong')).rejects.toMatchObject({ code: '28P01' });
    expect(await container.user()).toBe('postgres');

    await docker('restart', '--time', '20', container.id);
    const again = await container.hostPort(5432);
    const second = await eventually('a connection after the restart', () => connected(again));
    expect((await second.query('select id from kept')).rows).toEqual([{ id: 1 }]);
    await second.end();
  });

  test('P01 without a password it does not start, and says why', async () => {
    await using container = await Container.start('NETRA_IMAGE_POSTGRES', []);
    expect(await docker('wait', container.id)).toBe('1');
    expect(await container.log()).toContain('POSTGRES_PASSWORD');
  });
});

describe('P01 local image of Kafka', () => {
  const node = {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: 'PLAINTEXT://0.0.0.0:9092,CONTROLLER://0.0.0.0:9093',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_LOG_RETENTION_HOURS: '7',
    CLUSTER_ID: 'bmV0cmEtcmVzaWxpZW5jZQ',
  };

  test('P01 a script that comes later gives the advertised address; the group coordinator serves', async () => {
    // As a provider does it: the port is known only once the container runs.
    const wait = 'while [ ! -x /tmp/start.sh ]; do sleep 0.05; done; exec /tmp/start.sh';
    await using container = await Container.start('NETRA_IMAGE_KAFKA', [...published(9092), ...environment(node), '--entrypoint', 'sh'], ['-c', wait]);
    const broker = `127.0.0.1:${await container.hostPort(9092)}`;
    const script = `#!/bin/sh\nexport KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://${broker}\nexec /etc/kafka/docker/run\n`;
    await docker('exec', container.id, 'sh', '-c', 'printf "%s" "$0" > /tmp/start.new && chmod 755 /tmp/start.new && mv /tmp/start.new /tmp/start.sh', script);

    const kafka = new Kafka({ brokers: [broker], clientId: 'local-images', logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    const admin = kafka.admin();
    await eventually('an answer of the broker', () => admin.connect());
    const cluster = await admin.describeCluster();
    expect(cluster).toMatchObject({ clusterId: node.CLUSTER_ID, brokers: [{ nodeId: 1, host: '127.0.0.1', port: Number(broker.split(':')[1]) }] });
    const retention = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 4, name: '1', configNames: ['log.retention.hours'] }] });
    expect(retention.resources[0]?.configEntries[0]?.configValue).toBe('7');
    await eventually('the topic', async () => {
      if (!(await admin.listTopics()).includes('jobs')) await admin.createTopics({ topics: [{ topic: 'jobs', numPartitions: 3 }], waitForLeaders: true });
    });
    await admin.disconnect();

    // A topic's leader serves a moment after it is listed: clients have to ask again.
    const patient = new Kafka({ brokers: [broker], clientId: 'local-images', logLevel: logLevel.NOTHING });
    const producer = patient.producer();
    await producer.connect();
    await producer.send({ topic: 'jobs', messages: [{ key: 'a', value: 'first' }] });
    await producer.disconnect();

    const consumer = patient.consumer({ groupId: 'reporting' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'jobs', fromBeginning: true });
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    await consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) });
    expect(await promise).toBe('first');
    await consumer.disconnect();
    expect(await container.user()).toBe('appuser');
  });

  test('P01 without any variable it is one node on port 9092, and stops when asked to', async () => {
    await using container = await Container.start('NETRA_IMAGE_KAFKA', []);
    await eventually('a topic', () => docker('exec', container.id, '/opt/kafka/bin/kafka-topics.sh', '--bootstrap-server', 'localhost:9092', '--create', '--if-not-exists', '--topic', 'one'));
    await docker('stop', '--time', '60', container.id);
    // 143: ended by the signal after its own shutdown; 137 would be the engine's patience.
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', container.id)).toBe('143');
  });
});

describe('P01 local image of Toxiproxy', () => {
  test('P01 its API is reached from outside, and a proxy that listens on any port carries bytes', async () => {
    await using upstream = await Container.start('NETRA_IMAGE_REDIS', []);
    await using container = await Container.start('NETRA_IMAGE_TOXIPROXY', [...published(8474), ...published(7000)]);
    const api = `http://127.0.0.1:${await container.hostPort(8474)}`;
    expect(await eventually('the API', async () => (await fetch(`${api}/version`)).json())).toEqual({ version: '2.12.0' });

    const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', upstream.id);
    const body = JSON.stringify({ name: 'redis', listen: '0.0.0.0:7000', upstream: `${address}:6379` });
    expect((await fetch(`${api}/proxies`, { method: 'POST', body })).status).toBe(201);
    const redis = new Redis({ host: '127.0.0.1', port: await container.hostPort(7000), retryStrategy: () => 50, maxRetriesPerRequest: null });
    redis.on('error', () => { /* connections refused until the upstream listens */ });
    try {
      expect(await redis.ping()).toBe('PONG');
    } finally {
      redis.disconnect();
    }
  });
});

describe('P01 local image of Node', () => {
  test('P01 options alone are node’s, and npm runs as user node', async () => {
    const image = imageOf('NETRA_IMAGE_NODE');
    expect(await docker('run', '--rm', image, '--print', 'process.versions.node')).toMatch(/^24\./);
    expect(await docker('run', '--rm', '--user', 'node', image, 'sh', '-c', 'id -un; npm --version')).toMatch(/^node\n\d+\./);
  });
});
