import { join } from 'node:path';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnectors, type ConnectorsOptions } from '../../../src/fleet/connectors/index.ts';
import { defineTopic } from '../../../src/fleet/connectors/bus/topics.ts';
import { fleetErrorCodes } from '../../../src/fleet/error-codes.ts';
import { startKafkaBroker, type RunningKafka } from '../../../src/infra/embedded/kafka/broker.ts';
import type { PostgresServer } from '../../../src/infra/embedded/postgres/server.ts';
import { startRedisServer, type RunningRedis } from '../../../src/infra/embedded/redis/server.ts';
import { until } from '../../helpers/until.ts';
import { createHarness } from './connector-harness.ts';
import { startTestPostgres, temporaryFolder, urlOf, type TemporaryFolder } from './database/database-servers.ts';
import { answer, json, ScriptedLlmServer } from './llm/scripted-llm-server.ts';

let postgres: PostgresServer;
let redis: RunningRedis;
let kafka: RunningKafka;
let llm: ScriptedLlmServer;
let folder: TemporaryFolder;

beforeAll(async () => {
  [postgres, redis, kafka, llm, folder] = await Promise.all([startTestPostgres(), startRedisServer(), startKafkaBroker({ listeners: [{ name: 'direct' }] }), ScriptedLlmServer.start(), temporaryFolder()]);
});
afterAll(async () => {
  await Promise.all([postgres.close(), redis.close(), kafka.close(), llm[Symbol.asyncDispose](), folder[Symbol.asyncDispose]()]);
});

function options(environment: Partial<ConnectorsOptions['environment']> = {}): ConnectorsOptions {
  const { resilience, ...context } = createHarness();
  const broker = kafka.address('direct');
  return {
    ...context,
    environment: {
      NETRA_DATABASE_URL: urlOf(postgres.port),
      NETRA_REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      NETRA_KAFKA_BROKERS: `${broker.host}:${broker.port}`,
      NETRA_LLM_BASE_URL: llm.baseUrl,
      NETRA_LLM_API_KEY: 'k',
      NETRA_LLM_MODEL: 'm',
      ...environment,
    },
    config: { host: 'test-1', role: 'control', runId: 'run', seed: 's', resilience, jobConcurrency: 1, dataDir: undefined, stateDir: join(folder.path, 'state') },
    topics: [defineTopic({ name: 'hello', partitions: 1, schema: z.object({ to: z.string() }), summary: 'Greetings' })],
  };
}

describe('createConnectors', () => {
  it('F02 F03 F04 gives connectors that work over real connections, and closes them all', async () => {
    llm.answerWith(json(200, answer('hi')));
    const connectors = createConnectors(options());
    const { database, bus, redis: store, llm: model } = connectors;
    await Promise.all([database.connect(), bus.connect()]);
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await store.execute('ping', (client) => client.ping())).toBe('PONG');
    expect(await model.complete({ system: 's', user: 'u', jobId: 'j', userId: 'u', attempt: 1 })).toMatchObject({ text: 'hi' });
    const greeted: unknown[] = [];
    await bus.subscribe({ topic: 'hello', group: 'g', handle: async ({ value }) => void greeted.push(value) });
    await bus.publish('hello', [{ key: 'k', value: { to: 'you' } }]);
    await until(() => greeted.length === 1, 'the greeting');
    expect([database.state, bus.state, store.state, model.state]).toEqual([{ up: true }, { up: true }, { up: true }, { up: true }]);
    await connectors.close();
  });

  it('F12 waits for no service when made, and closes quickly when none is there', async () => {
    const nowhere = '127.0.0.1:1';
    const connectors = createConnectors(
      options({ NETRA_DATABASE_URL: `postgres://n:n@${nowhere}/n`, NETRA_REDIS_URL: `redis://${nowhere}`, NETRA_KAFKA_BROKERS: nowhere, NETRA_LLM_BASE_URL: `http://${nowhere}/v1` }),
    );
    await until(() => !connectors.bus.state.up && !connectors.redis.state.up && !connectors.llm.state.up, 'all of them to be known as down', 8_000);
    const startedAt = performance.now();
    await connectors.close();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe('error codes', () => {
  it('R11 say what happened and what to do, each in its own words', () => {
    const entries = Object.values(fleetErrorCodes);
    expect(new Set(entries.map(({ meaning }) => meaning)).size).toBe(entries.length);
    expect(entries.filter(({ meaning, remedy }) => meaning.length < 20 || remedy.length < 20)).toEqual([]);
  });
});
