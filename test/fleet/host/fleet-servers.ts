import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { WebSocket } from 'ws';
import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { Problems } from '../../../src/core/problems.ts';
import { readHostSettings } from '../../../src/fleet/host/config.ts';
import { Host } from '../../../src/fleet/host/host.ts';
import { startKafkaBroker, type RunningKafka } from '../../../src/infra/embedded/kafka/broker.ts';
import { startLlmGateway, type LlmGateway } from '../../../src/infra/embedded/llm/gateway.ts';
import type { PostgresServer } from '../../../src/infra/embedded/postgres/server.ts';
import { startRedisServer, type RunningRedis } from '../../../src/infra/embedded/redis/server.ts';
import type { FleetEvent } from '../../../src/journal/fleet-events.ts';
import { temporaryFolder } from '../../helpers/cli.ts';
import { until } from '../../helpers/until.ts';
import { startTestPostgres, urlOf } from '../connectors/database/database-servers.ts';
import { TcpForwarder } from '../connectors/tcp-forwarder.ts';

export const token = 'token-of-this-test-run';
export const runId = 'test-run';

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly message: string; readonly correlation_id: string };

/** A host in this process, with everything it says, and its HTTP side as a client sees it. */
export class TestHost {
  readonly host: Host;
  readonly lines: LogLine[] = [];
  readonly stdout: string[] = [];
  readonly events: FleetEvent[] = [];
  url = '';
  #socket: WebSocket | undefined;
  #started: Promise<void> | undefined;

  constructor(make: (streams: ConstructorParameters<typeof Host>[1]) => Host, clock: Clock) {
    this.host = make({ clock, writeLog: (line) => this.lines.push(JSON.parse(line) as LogLine), writeLine: (line) => this.stdout.push(line) });
  }

  /** Resolves once it listens; `up` waits for its agents. */
  async listening(): Promise<this> {
    this.#started = this.host.start();
    this.#started.catch(() => undefined);
    await until(() => this.stdout.length > 0, 'the host to listen');
    this.url = `http://127.0.0.1:${(JSON.parse(this.stdout[0] as string) as { port: number }).port}`;
    this.#socket = new WebSocket(`${this.url.replace('http', 'ws')}/events`, { headers: { authorization: `Bearer ${token}` } });
    this.#socket.on('message', (data) => this.events.push(JSON.parse((data as Buffer).toString('utf8')) as FleetEvent));
    this.#socket.on('error', () => undefined);
    return this;
  }

  async up(timeoutMs = 25_000): Promise<this> {
    await this.listening();
    await this.#started;
    await until(async () => (await this.get('/health/ready')).status === 200, `${this.url} to be ready`, timeoutMs);
    return this;
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a test says what it expects of a body, and then looks at it
  async get<T = Record<string, unknown>>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; headers: Headers; body: T }> {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : text) as T };
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  async post<T = Record<string, unknown>>(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; headers: Headers; body: T }> {
    const response = await fetch(`${this.url}${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers } });
    return { status: response.status, headers: response.headers, body: (await response.json()) as T };
  }

  async stop(graceMs = 5_000): Promise<void> {
    await this.host.stop('the test is over', graceMs);
    this.#socket?.terminate();
  }
}

/** Real servers, each behind a port that can go away, and hosts upon them. */
export class FleetServers implements AsyncDisposable {
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #hosts: TestHost[] = [];
  readonly servers: { readonly postgres: PostgresServer; readonly kafka: RunningKafka; readonly redis: RunningRedis; readonly llm: LlmGateway };
  readonly proxies: Readonly<Record<'postgres' | 'kafka' | 'redis' | 'llm', TcpForwarder>>;

  private constructor(folder: Awaited<ReturnType<typeof temporaryFolder>>, servers: FleetServers['servers'], proxies: FleetServers['proxies']) {
    this.#folder = folder;
    this.servers = servers;
    this.proxies = proxies;
  }

  static async start(): Promise<FleetServers> {
    const folder = await temporaryFolder();
    const [postgres, kafka, redis, llm] = await Promise.all([
      startTestPostgres(),
      startKafkaBroker({ listeners: [{ name: 'direct' }, { name: 'proxied' }] }),
      startRedisServer(),
      startLlmGateway({ logPath: join(folder.path, 'llm.ndjson') }),
    ]);
    const [postgresProxy, kafkaProxy, redisProxy, llmProxy] = await Promise.all([TcpForwarder.to(postgres.port), TcpForwarder.to(kafka.address('proxied').port), TcpForwarder.to(redis.port), TcpForwarder.to(llm.port)]);
    kafka.advertise('proxied', { host: '127.0.0.1', port: kafkaProxy.port });
    return new FleetServers(folder, { postgres, kafka, redis, llm }, { postgres: postgresProxy, kafka: kafkaProxy, redis: redisProxy, llm: llmProxy });
  }

  get path(): string {
    return this.#folder.path;
  }

  /** Made, not started. */
  host(role: 'business' | 'control' | 'reporting', options: { readonly name?: string; readonly environment?: Readonly<Record<string, string>>; readonly clock?: Clock } = {}): TestHost {
    const name = options.name ?? `${role}-1`;
    const settings = readHostSettings(['--role', role, '--name', name], {
      NETRA_RUN_ID: runId,
      NETRA_SEED: '1',
      NETRA_TOKEN: token,
      NETRA_REDIS_URL: `redis://127.0.0.1:${this.proxies.redis.port}`,
      NETRA_KAFKA_BROKERS: `127.0.0.1:${this.proxies.kafka.port}`,
      NETRA_DATABASE_URL: urlOf(this.proxies.postgres.port),
      NETRA_LLM_BASE_URL: `http://127.0.0.1:${this.proxies.llm.port}/v1`,
      NETRA_STATE_DIR: join(this.#folder.path, 'state', name),
      ...options.environment,
    });
    if (settings instanceof Problems) throw new Error(JSON.stringify(settings.list));
    const host = new TestHost((streams) => new Host(settings, streams), options.clock ?? systemClock);
    this.#hosts.push(host);
    return host;
  }

  kafka(): Kafka {
    const { host, port } = this.servers.kafka.address('direct');
    return new Kafka({ brokers: [`${host}:${port}`], clientId: 'beside', logLevel: logLevel.NOTHING, retry: { retries: 2, initialRetryTime: 50 } });
  }

  /** Beside the proxies. */
  async sql<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: urlOf(this.servers.postgres.port) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text, [...parameters])).rows as Row[];
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop(1_000)));
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy[Symbol.asyncDispose]()));
    await Promise.all([this.servers.postgres.close(), this.servers.kafka.close(), this.servers.redis.close(), this.servers.llm.close()]);
    await this.#folder[Symbol.asyncDispose]();
  }
}
