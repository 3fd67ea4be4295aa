import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../../src/core/clock.ts';
import { deadlineAfter } from '../../../src/core/deadline.ts';
import { createRng } from '../../../src/core/rng.ts';
import { AgentAsker } from '../../../src/fleet/agents/ask.ts';
import { businessAgents } from '../../../src/fleet/agents/business/index.ts';
import { replyTopic, replyTopicDefinition, requestTopic, requestTopicDefinition } from '../../../src/fleet/agents/messages.ts';
import { KafkaBus } from '../../../src/fleet/connectors/bus/kafka-bus.ts';
import { deadLetterTopic } from '../../../src/fleet/connectors/bus/topics.ts';
import { ReliabilityManager } from '../../../src/reliability/index.ts';
import { until } from '../../helpers/until.ts';
import { createHarness } from '../connectors/connector-harness.ts';
import { FleetServers, runId, token, type TestHost } from './fleet-servers.ts';

const year = { from: '2025-01-01', to: '2025-12-31' };
const job = (run: string, user = 'user-1') => ({ run_id: run, user_id: user, question: 'How did orders develop?', period: year });

let servers: FleetServers;
let business: TestHost;
let control: TestHost;
let reporting: TestHost;
let bus: KafkaBus;
let asker: AgentAsker;

beforeAll(async () => {
  servers = await FleetServers.start();
  business = servers.host('business');
  control = servers.host('control');
  reporting = servers.host('reporting');
  await Promise.all([business.up(), control.up(), reporting.up()]);
  bus = new KafkaBus(createHarness(), {
    brokers: [`127.0.0.1:${servers.proxies.kafka.port}`],
    clientId: 'tester',
    topics: [replyTopicDefinition(replyTopic('tester')), ...businessAgents.map(({ name }) => requestTopicDefinition(name)), requestTopicDefinition('nobody')],
  });
  asker = new AgentAsker({
    host: 'tester',
    bus,
    clock: systemClock,
    reliability: new ReliabilityManager({ clock: systemClock, rng: createRng('tester') }),
    direct: () => Promise.reject(new Error('this one was to be answered over Kafka')),
    directCalls: true,
  });
  await asker.listen();
}, 60_000);

afterAll(async () => {
  await bus?.close(AbortSignal.timeout(1_000));
  await servers?.[Symbol.asyncDispose]();
}, 30_000);

interface View {
  readonly [member: string]: unknown;
  readonly result: Readonly<Record<string, unknown>>;
}

async function completed(runIdOfJob: string): Promise<View> {
  let view: View = { result: {} };
  await until(
    async () => {
      view = (await control.get<View>(`/jobs/${encodeURIComponent(runIdOfJob)}`)).body;
      return view['status'] === 'completed';
    },
    `the report of ${runIdOfJob}`,
    15_000,
  );
  return view;
}

/** What a bystander reads of a topic, headers as text. */
async function topicMessages(topic: string, matches: (value: string) => boolean): Promise<{ value: string; headers: Record<string, string> }> {
  const consumer = servers.kafka().consumer({ groupId: `bystander-${topic}-${Math.trunc(performance.now())}`, sessionTimeout: 6_000 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const found = Promise.withResolvers<{ value: string; headers: Record<string, string> }>();
  await consumer.run({
    eachMessage: async ({ message }) => {
      const value = message.value?.toString('utf8') ?? '';
      if (matches(value)) found.resolve({ value, headers: Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, header]) => [name, String(header)])) });
    },
  });
  const message = await found.promise;
  await consumer.disconnect();
  return message;
}

async function produce(topic: string, value: string, headers: Record<string, string> = {}): Promise<void> {
  const producer = servers.kafka().producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ key: null, value, headers }] });
  await producer.disconnect();
}

describe('the fifteen business agents', () => {
  it.each(businessAgents.map(({ name }) => name))('F05 %s answers facts for a period over Kafka, in its own name', async (name) => {
    const sheet = await asker.ask<{ agent: string; period: object; facts: { id: string; agent: string }[] }>(name, 'facts', { period: year });
    expect(sheet).toMatchObject({ agent: name, period: year });
    expect(sheet.facts.length).toBeGreaterThan(2);
    expect(new Set(sheet.facts.map((fact) => fact.agent))).toEqual(new Set([name]));
  });

  it('F07 order_availability asks inventory_check of another agent over the bus, under one correlation id', async () => {
    const [line] = await servers.sql<{ order_id: string; product_id: string }>('SELECT l.order_id, l.product_id FROM order_lines l JOIN inventory i ON i.product_id = l.product_id ORDER BY l.line_id LIMIT 1');
    const answer = await asker.ask<Record<string, unknown>>('order', 'order_availability', { order_id: line?.order_id }, { correlationId: 'corr-availability' });
    expect(JSON.stringify(answer)).toContain('in_stock');
    const request = await topicMessages(requestTopic('inventory'), (value) => value.includes('inventory_check') && value.includes(line?.product_id ?? '-'));
    expect(request.headers['x-correlation-id']).toBe('corr-availability');
    expect(JSON.parse(request.value)).toMatchObject({ action: 'inventory_check', reply_to: 'agent.replies.business-1' });
  });

  it('F11 all fifteen are up, each on its own', async () => {
    const { body } = await business.get<{ agents: { agent_id: string; status: string }[] }>('/health/detailed');
    expect(body.agents.map((agent) => agent.agent_id)).toEqual(businessAgents.map(({ name }) => name));
    expect(body.agents.every((agent) => agent.status === 'ready')).toBe(true);
  });
});

describe('request and reply', () => {
  it('F07 an error of the agent comes back as that agent\'s, with its code', async () => {
    await expect(asker.ask('order', 'order_status', { order_id: 'no-such-order' })).rejects.toMatchObject({ name: 'RemoteAgentError', agent: 'order' });
    await expect(asker.ask('order', 'dance', {})).rejects.toMatchObject({ code: 'ACTION_UNKNOWN', retriable: false });
    await expect(asker.ask('order', 'order_status', { order_id: 5 })).rejects.toMatchObject({ code: 'ACTION_INPUT_INVALID' });
  });

  it.each([
    ['no JSON', '{"call_id":'],
    ['another shape', '{"call_id":"x","action":"facts"}'],
    ['a reply topic that is none', JSON.stringify({ call_id: 'x', reply_to: 'report.work', action: 'facts', input: {} })],
  ])('F07 a poisoned request (%s) goes to the dead letter topic with its reason and blocks nobody', async (_name, value) => {
    // As many as the topic has partitions: whichever one is asked next has had one.
    await Promise.all(Array.from({ length: 4 }, () => produce(requestTopic('product'), value, { 'x-correlation-id': 'corr-poison' })));
    await expect(asker.ask('product', 'facts', { period: year })).resolves.toMatchObject({ agent: 'product' });
    const dead = await topicMessages(deadLetterTopic(requestTopic('product')), (text) => text === value);
    expect(dead.headers).toMatchObject({ 'x-correlation-id': 'corr-poison', 'x-dead-letter-group': 'agent.product' });
    expect(dead.headers['x-dead-letter-reason']).toBeTruthy();
    expect(business.lines.find((line) => line.message.includes('goes to the dead letter topic'))).toMatchObject({ level: 'error', correlation_id: 'corr-poison', topic: requestTopic('product') });
  });

  it('F07 a foreign reply, and one without sense, are ignored: the next question is answered', async () => {
    await produce(replyTopic('tester'), JSON.stringify({ call_id: 'somebody-else', agent: 'order', ok: true, output: {} }));
    await produce(replyTopic('tester'), 'nonsense');
    await expect(asker.ask('order', 'facts', { period: year })).resolves.toMatchObject({ agent: 'order' });
  });

  it('F07 the schemas of all topics are published, and say what a request needs', () => {
    const schemas = bus.topics.jsonSchemas();
    expect(schemas['agent.order.requests']?.schema).toMatchObject({ type: 'object', required: ['call_id', 'reply_to', 'action', 'input'] });
    expect(Object.values(schemas).every(({ summary }) => summary.length > 5)).toBe(true);
  });

  it('N07 nobody there to answer: the question ends at its deadline with a code, and a late request is dropped unanswered', async () => {
    const began = performance.now();
    await expect(asker.ask('nobody', 'facts', {}, { deadline: deadlineAfter(systemClock, 600) })).rejects.toMatchObject({ code: expect.stringMatching(/AGENT_NO_REPLY|DEADLINE_EXCEEDED/) });
    expect(performance.now() - began).toBeLessThan(5_000);
    const call = { call_id: 'late', reply_to: replyTopic('tester'), action: 'facts', input: { period: year } };
    await produce(requestTopic('risk'), JSON.stringify(call), { 'x-netra-deadline-ms': String(Date.now() - 1), 'x-correlation-id': 'corr-late' });
    await until(() => business.lines.some((line) => line.correlation_id === 'corr-late' && line.message.includes('deadline has passed')), 'the late request to be dropped');
  });
});

describe('health', () => {
  it('F10 /health is {status, agent}, of the host and of every agent', async () => {
    expect((await control.get('/health')).body).toEqual({ status: 'ok', agent: 'control-1' });
    for (const agent of ['supervisor', 'triage', 'data', 'data_helper']) expect(await control.get(`/agents/${agent}/health`)).toMatchObject({ status: 200, body: { status: 'ready', agent } });
    expect((await control.get('/agents/supervisor/health')).body).toEqual({ status: 'ready', agent: 'supervisor' });
  });

  it('F10 /health/ready is {status, database, kafka, redis, agent}, of the host and of every agent', async () => {
    const body = { status: 'ready', database: 'postgres', kafka: 'up', redis: 'up' };
    expect(await reporting.get('/health/ready')).toMatchObject({ status: 200, body: { ...body, agent: 'reporting-1' } });
    expect((await reporting.get('/agents/reporting/health/ready')).body).toEqual({ ...body, agent: 'reporting' });
    for (const { name } of businessAgents) expect((await business.get(`/agents/${name}/health/ready`)).body).toEqual({ ...body, agent: name });
  });

  it('F10 /health/detailed has pool, consumer lag, breakers and metrics, of the host and of every agent', async () => {
    await asker.ask('inventory', 'facts', { period: year });
    const { body } = await business.get('/agents/inventory/health/detailed');
    expect(body).toMatchObject({
      agent_id: 'inventory',
      status: 'ready',
      level: 0,
      reasons: [],
      dependencies: {
        database: { mode: 'postgres', up: true, pool: { total: expect.any(Number), idle: expect.any(Number), waiting: expect.any(Number) } },
        kafka: { up: true, consumer_lag: expect.any(Number) },
        redis: { up: true },
        llm: { up: true },
      },
      breakers: { kafka: 'closed', postgres: 'closed' },
      metrics: { errors: 0, last_error: null },
    });
    expect(body['uptime']).toEqual(expect.any(Number));
    expect((body['metrics'] as { messages_processed: number }).messages_processed).toBeGreaterThan(0);
    const host = (await business.get('/health/detailed')).body;
    expect(Object.keys(host)).toEqual(expect.arrayContaining(['agent_id', 'status', 'uptime', 'dependencies', 'breakers', 'metrics', 'agents']));
    expect(host['metrics']).toMatchObject({ messages_processed: expect.any(Number), errors: expect.any(Number) });
  });

  it('F10 the last error of an agent is shown, with its code', async () => {
    await asker.ask('fraud', 'dance', {}).catch(() => undefined);
    const { body } = await business.get<{ metrics: { errors: number; last_error: string } }>('/agents/fraud/health/detailed');
    expect(body.metrics.errors).toBeGreaterThan(0);
    expect(body.metrics.last_error).toMatch(/^ACTION_UNKNOWN: /);
  });

  it('F10 health needs no token, everything else does; an agent that is not here is 404', async () => {
    for (const path of ['/health', '/health/ready', '/health/detailed', '/agents/order/health']) expect((await fetch(`${business.url}${path}`)).status).toBe(200);
    for (const path of ['/metrics', '/jobs/x']) expect((await fetch(`${control.url}${path}`)).status).toBe(401);
    expect(await business.get('/agents/supervisor/health')).toMatchObject({ status: 404, body: { error: { code: 'AGENT_UNKNOWN' } } });
    expect((await business.post('/jobs', job('x'))).status).toBe(404);
  });
});

describe('jobs', () => {
  it('D05 F06 a job goes from the supervisor over triage, data and reporting to its report', async () => {
    const accepted = await control.post('/jobs', job('job-1'), { 'x-correlation-id': 'corr-job-1' });
    expect(accepted).toMatchObject({ status: 202, body: { run_id: 'job-1', correlation_id: 'corr-job-1', status: 'accepted' } });
    const view = await completed('job-1');
    expect(view).toMatchObject({ user_id: 'user-1', correlation_id: 'corr-job-1', attempts: 1, result: { success: true, level: 'FULL', correlation_id: 'corr-job-1', missing_data: [] } });
  });

  it('C01 the same run id twice is one job, also with another correlation id; another content is JOB_CONFLICT', async () => {
    const first = await control.post('/jobs', job('job-2'), { 'x-correlation-id': 'corr-a' });
    const again = await control.post('/jobs', job('job-2'), { 'x-correlation-id': 'corr-b' });
    expect(again.body).toEqual(first.body);
    for (const other of [job('job-2', 'user-2'), { ...job('job-2'), question: 'Why?' }, { ...job('job-2'), period: { from: '2025-02-01', to: '2025-12-31' } }, { ...job('job-2'), timeout_ms: 60_000 }]) {
      expect(await control.post('/jobs', other)).toMatchObject({ status: 409, body: { error: { code: 'JOB_CONFLICT' } } });
    }
    await completed('job-2');
    expect((await control.post('/jobs', job('job-2'))).status).toBe(202);
    expect(await servers.sql('SELECT run_id FROM reports WHERE run_id = $1', ['job-2'])).toHaveLength(1);
    const [progress] = await servers.sql<{ dispatches: string }>('SELECT dispatches FROM job_progress WHERE run_id = $1', ['job-2']);
    expect(Number(progress?.dispatches)).toBe(1);
  });

  it('N07 ids of any sane kind come through; a job with a time limit is the same job when posted again', async () => {
    const odd = { ...job('lauf/1 "ß" %41 😀', 'Ünal & Söhne'), timeout_ms: 60_000 };
    expect((await control.post('/jobs', odd)).status).toBe(202);
    expect((await control.post('/jobs', odd)).status).toBe(202);
    expect(await completed(odd.run_id)).toMatchObject({ run_id: odd.run_id, user_id: odd.user_id, result: { success: true } });
  });

  it('C01 a job is seen by its user alone, and by whoever asks for nobody in particular', async () => {
    await control.post('/jobs', job('job-3', 'Zoë'));
    expect((await control.get('/jobs/job-3', { 'x-netra-user-id': encodeURIComponent('Zoë') })).status).toBe(200);
    const other = await control.get('/jobs/job-3', { 'x-netra-user-id': 'mallory', 'x-correlation-id': 'c' });
    const absent = await control.get('/jobs/job-0', { 'x-netra-user-id': 'mallory', 'x-correlation-id': 'c' });
    expect(other).toMatchObject({ status: 404, body: { error: { code: 'JOB_UNKNOWN' } } });
    expect(JSON.stringify(other.body).replace('job-3', 'job-0')).toBe(JSON.stringify(absent.body));
    expect(await control.post('/agents/supervisor/job_status', { run_id: 'job-3' }, { 'x-netra-user-id': 'mallory' })).toMatchObject({ status: 404 });
    expect(await control.post('/jobs', job('job-4', 'Zoë'), { 'x-netra-user-id': 'mallory' })).toMatchObject({ status: 400 });
    expect(await control.get('/jobs/job-3', { 'x-netra-user-id': '%zz' })).toMatchObject({ status: 400 });
    await completed('job-3');
  });

  it.each([
    ['no user', { ...job('bad'), user_id: undefined }],
    ['an empty user', job('bad', '')],
    ['a user of two lines', job('bad', 'a\nb')],
    ['a run id with NUL', job('bad\u0000')],
    ['a run id that is too long', job('x'.repeat(201))],
    ['half a surrogate pair', { ...job('bad'), question: '\ud800?' }],
    ['an empty question', { ...job('bad'), question: ' ' }],
    ['a day that is none', { ...job('bad'), period: { from: '2025-02-30', to: '2025-03-01' } }],
    ['a period backwards', { ...job('bad'), period: { from: '2025-03-01', to: '2025-02-01' } }],
    ['a time limit of nothing', { ...job('bad'), timeout_ms: 0 }],
    ['a member that means nothing', { ...job('bad'), priority: 1 }],
    ['a list', []],
  ])('N07 a job with %s is refused with 400, and nothing of it is kept', async (_name, body) => {
    const answer = await control.post('/jobs', body, { 'x-correlation-id': 'corr-bad' });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_INVALID', severity: 'low', recovery: 'fail', correlation_id: 'corr-bad' } } });
    expect(await servers.sql(`SELECT run_id FROM jobs WHERE run_id LIKE 'bad%'`)).toEqual([]);
  });
});

describe('what can be told afterwards', () => {
  it('N02 one correlation id in HTTP header, events, log lines, message headers, the model\'s log and the error', async () => {
    const answer = await control.post('/jobs', job('job-n02'), { 'x-correlation-id': 'corr-n02' });
    expect(answer.headers.get('x-correlation-id')).toBe('corr-n02');
    await completed('job-n02');
    for (const topic of ['report.requests', 'report.work', 'report.results']) expect((await topicMessages(topic, (value) => value.includes('job-n02'))).headers['x-correlation-id']).toBe('corr-n02');
    const about = reporting.events.filter((event) => event.job_id === 'job-n02');
    expect(new Set(about.map((event) => event.type))).toEqual(new Set(['agent_started', 'agent_thinking', 'section_completed', 'checkpoint_saved', 'agent_completed']));
    expect(about.every((event) => event.correlation_id === 'corr-n02' && event.user_id === 'user-1')).toBe(true);
    const asked = (await readFile(join(servers.path, 'llm.ndjson'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['run_id'] === 'job-n02');
    expect(asked.length).toBeGreaterThanOrEqual(8);
    expect(asked.every((line) => line['correlation_id'] === 'corr-n02')).toBe(true);
    const error = await control.get('/jobs/none', { 'x-correlation-id': 'corr-404' });
    expect(error.headers.get('x-correlation-id')).toBe('corr-404');
    expect(error.body).toMatchObject({ error: { correlation_id: 'corr-404' } });
  });

  it('N02 every log line and every event has a correlation id, those of no request the run\'s; a header that is none is replaced', async () => {
    for (const host of [business, control, reporting]) {
      expect(host.lines.filter((line) => typeof line.correlation_id !== 'string' || line.correlation_id === '')).toEqual([]);
      expect(host.events.filter((event) => typeof event.correlation_id !== 'string')).toEqual([]);
      expect(host.events.find((event) => event.type === 'agent_started' && event.job_id === undefined)?.correlation_id).toBe(runId);
      expect(host.events.map((event) => event.event_no)).toEqual(host.events.map((_, index) => index + 1));
    }
    const answer = await fetch(`${control.url}/health`, { headers: { 'x-correlation-id': 'two words' } });
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('N05 every log line is JSON with time, level, host, run and the degradation level', () => {
    for (const line of [...business.lines, ...control.lines, ...reporting.lines]) {
      expect(line).toMatchObject({ at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), level: expect.stringMatching(/^(info|warn|error)$/), message: expect.any(String), host: expect.stringMatching(/-1$/), run_id: runId, degradation_level: 0 });
    }
  });

  it('D12 a late watcher gets what was missed, one that comes again gets what came after', async () => {
    const all = reporting.events.length;
    expect(all).toBeGreaterThan(5);
    const late = new WebSocket(`${reporting.url.replace('http', 'ws')}/events?after=${all - 3}`, { headers: { authorization: `Bearer ${token}` } });
    const got: { event_no: number }[] = [];
    late.on('message', (data) => got.push(JSON.parse((data as Buffer).toString('utf8')) as { event_no: number }));
    await until(() => got.length >= 3, 'the last three events');
    expect(got.slice(0, 3).map((event) => event.event_no)).toEqual([all - 2, all - 1, all]);
    late.terminate();
  });

  it('F11 a request of nonsense to the WebSocket is refused, and the host lives on', async () => {
    const answers: string[] = [];
    for (const target of ['//', '/elsewhere', '/events', '/events?token=wrong', `/events?after=x&token=${token}`]) {
      const socket = connect(Number(new URL(control.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n`);
      answers.push(String(await new Promise<Buffer>((resolve) => socket.once('data', resolve))).split('\r\n')[0] as string);
      socket.resetAndDestroy();
    }
    expect(answers).toEqual(['HTTP/1.1 400 Bad Request', 'HTTP/1.1 404 Not Found', 'HTTP/1.1 401 Unauthorized', 'HTTP/1.1 401 Unauthorized', 'HTTP/1.1 400 Bad Request']);
    expect((await control.get('/health')).status).toBe(200);
  });
});
