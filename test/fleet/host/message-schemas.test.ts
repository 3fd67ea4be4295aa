import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schemaFolder } from '../../../scripts/message-schemas.ts';
import { decode } from '../../../src/fleet/connectors/bus/incoming.ts';
import { KafkaBus } from '../../../src/fleet/connectors/bus/kafka-bus.ts';
import { replyTopicDefinition, requestTopicDefinition } from '../../../src/fleet/agents/messages.ts';
import { defaultWorkPartitions, jobTopicDefinitions } from '../../../src/fleet/jobs/messages.ts';
import { until } from '../../helpers/until.ts';
import { createHarness } from '../connectors/connector-harness.ts';
import { FleetServers } from './fleet-servers.ts';

const period = { from: '2025-01-01', to: '2025-12-31' };
const asking = 'agent.replies.bystander';
/** Where the data agent gets its fact sheets. */
const sheets = 'agent.replies.control-1';

interface Seen {
  readonly topic: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: unknown;
}

interface Published {
  readonly file: string;
  readonly topic: RegExp;
  readonly validate: ValidateFunction;
  /** The same without leave to have members that it does not name: what hosts send is described in full. */
  readonly complete: ValidateFunction;
}

/** Closed wherever members are named at all. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in inner && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner;
}

let servers: FleetServers;
let published: Published[];
let seen: Seen[];
let bus: KafkaBus;

beforeAll(async () => {
  const ajv = new Ajv2020({ allowUnionTypes: true });
  published = await Promise.all(
    (await readdir(schemaFolder)).map(async (file) => {
      const { $id: _id, ...schema } = JSON.parse(await readFile(join(schemaFolder, file), 'utf8')) as { $id: string; properties: { topic: { pattern: string } } };
      return { file, topic: new RegExp(schema.properties.topic.pattern, 'u'), validate: ajv.compile(schema), complete: ajv.compile(closed(schema) as object) };
    }),
  );
  servers = await FleetServers.start();
  const hosts = [servers.host('business'), servers.host('control'), servers.host('reporting')] as const;
  await Promise.all(hosts.map((host) => host.up()));
  bus = new KafkaBus(createHarness(), {
    brokers: [`127.0.0.1:${servers.proxies.kafka.port}`],
    clientId: 'bystander',
    topics: [...jobTopicDefinitions(defaultWorkPartitions), requestTopicDefinition('order'), requestTopicDefinition('product'), replyTopicDefinition(asking), replyTopicDefinition(sheets)],
  });
  const [, control] = hosts;
  await control.post('/jobs', { run_id: 'on-the-bus', user_id: 'user-1', question: 'How are we doing?', period, timeout_ms: 60_000 });
  await until(async () => (await control.get('/jobs/on-the-bus')).body['status'] === 'completed', 'the report', 20_000);
  // An answer that says no, and a message that nobody can read.
  await bus.publish('agent.order.requests', [{ key: 'no', value: { call_id: 'no', reply_to: asking, action: 'dance', input: {}, user_id: 'user-1' } }]);
  const producer = servers.kafka().producer();
  await producer.connect();
  await producer.send({ topic: 'agent.product.requests', messages: [{ key: 'odd', value: '{"call_id":' }] });
  await producer.disconnect();
  seen = await everything(['agent.product.requests.dead-letter', asking, 'report.results']);
}, 90_000);

afterAll(async () => {
  await bus?.close(AbortSignal.timeout(1_000));
  await servers?.[Symbol.asyncDispose]();
}, 30_000);

/** All messages of all topics; waits until each of `awaited` has one. */
async function everything(awaited: readonly string[]): Promise<Seen[]> {
  const kafka = servers.kafka();
  const admin = kafka.admin();
  await admin.connect();
  const all: Seen[] = [];
  await until(async () => (await admin.listTopics()).filter((topic) => awaited.includes(topic)).length === awaited.length, awaited.join(', '), 20_000);
  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
  const consumer = kafka.consumer({ groupId: 'reads-everything' });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, message }) => {
      const text = message.value?.toString('utf8') ?? '';
      let value: unknown = text;
      try {
        value = JSON.parse(text);
      } catch {
        // As docs/schemas/dead-letter.schema.json has it: what is no JSON is a string.
      }
      all.push({ topic, key: message.key === null ? null : String(message.key), headers: Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, header]) => [name, String(header)])), value });
    },
  });
  const written = async (): Promise<number> => {
    const ends = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
    return ends.flat().reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  };
  await until(async () => awaited.every((topic) => all.some((message) => message.topic === topic)) && all.length >= (await written()), 'all messages', 20_000);
  await consumer.disconnect();
  await admin.disconnect();
  return all;
}

function schemaOf(topic: string): Published {
  const [one, ...others] = published.filter((candidate) => candidate.topic.test(topic));
  if (one === undefined || others.length > 0) throw new Error(`${topic} is of ${others.length === 0 ? 'no schema' : 'several schemas'}`);
  return one;
}

/** The value with one thing wrong with it, or at least different, each time another. */
function* spoilt(value: unknown, depth = 0): Generator {
  yield null;
  yield ['spoilt'];
  if (typeof value !== 'string') yield 'spoilt';
  if (typeof value !== 'number') yield 0.5;
  else yield -value - 1;
  if (depth > 3 || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    if (value.length > 0) for (const first of spoilt(value[0], depth + 1)) yield [first, ...value.slice(1, 3)];
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    const { [name]: _gone, ...rest } = value as Record<string, unknown>;
    yield rest;
    for (const other of spoilt(member, depth + 1)) yield { ...rest, [name]: other };
  }
  yield { ...value, 'beside': 1 };
}

const raw = (value: unknown): KafkaMessage => ({ key: null, value: Buffer.from(JSON.stringify(value)), headers: {}, offset: '0', timestamp: '0', attributes: 0 });

describe('messages of a running fleet against docs/schemas', { timeout: 60_000 }, () => {
  it('F07 D13 every message on every topic is as its schema says, and has no member that the schema does not name', () => {
    expect(seen.length).toBeGreaterThan(20);
    const sound = seen.filter(({ topic, key }) => key !== 'odd' || topic.endsWith('.dead-letter'));
    expect(sound).toHaveLength(seen.length - 1);
    const problems = sound.flatMap((message) => {
      const { file, validate, complete } = schemaOf(message.topic);
      const fits = [validate, complete].every((check) => check(message));
      return fits ? [] : [`${message.topic} (${file}): ${JSON.stringify(validate.errors ?? complete.errors)} ${JSON.stringify(message).slice(0, 500)}`];
    });
    expect(problems).toEqual([]);
  });

  it('F07 D13 every schema has had a message; answers of both kinds, a dead letter with its reason', () => {
    expect(new Set(seen.map(({ topic }) => schemaOf(topic).file))).toEqual(new Set(published.map(({ file }) => file)));
    const replies = seen.filter(({ topic }) => schemaOf(topic).file === 'agent.replies.schema.json').map(({ value }) => (value as { ok: boolean }).ok);
    expect(new Set(replies)).toEqual(new Set([true, false]));
    expect(seen.find(({ topic }) => topic.endsWith('.dead-letter'))?.headers['x-dead-letter-reason']).toContain('not JSON');
  });

  it('N02 every message carries a correlation id, those of a job the job’s', () => {
    const work = seen.filter(({ topic }) => topic.startsWith('report.'));
    expect(work.length).toBeGreaterThanOrEqual(3);
    expect(new Set(work.map(({ headers }) => headers['x-correlation-id'])).size).toBe(1);
    expect(schemaOf('report.work').validate({ ...work.find(({ topic }) => topic === 'report.work'), headers: {} })).toBe(false);
  });

  it('F07 N07 consumers take and refuse exactly what the schemas allow and forbid, whatever is wrong with a message', () => {
    const tried = { taken: 0, refused: 0 };
    for (const example of examples()) {
      const definition = bus.topics.get(example.topic);
      if (definition === undefined) throw new Error(`no ${example.topic}`);
      for (const value of spoilt(example.value)) {
        const taken = 'message' in decode(definition, example.topic, 0, raw(value));
        tried[taken ? 'taken' : 'refused'] += 1;
        expect([example.topic, JSON.stringify(value).slice(0, 300), schemaOf(example.topic).validate({ ...example, value })]).toEqual([example.topic, JSON.stringify(value).slice(0, 300), taken]);
      }
    }
    expect(Math.min(tried.taken, tried.refused)).toBeGreaterThan(50);
  });

  it('F07 N07 producers send nothing that the schemas forbid', async () => {
    for (const example of examples()) {
      const wrong = [...spoilt(example.value)].filter((value) => typeof value === 'object' && value !== null && !schemaOf(example.topic).validate({ ...example, value })).slice(0, 20);
      expect(wrong.length).toBeGreaterThan(3);
      for (const value of wrong) await expect(bus.publish(example.topic, [{ key: null, value: value as object }])).rejects.toMatchObject({ code: 'KAFKA_MESSAGE_INVALID' });
    }
  });
});

/** One real message of each topic that the bystander knows. */
function examples(): Seen[] {
  return [...jobTopicDefinitions(1).map(({ name }) => name), 'agent.order.requests', asking, sheets].map((topic) => {
    const message = seen.find((candidate) => candidate.topic === topic);
    if (message === undefined) throw new Error(`nothing was said on ${topic}`);
    return message;
  });
}
