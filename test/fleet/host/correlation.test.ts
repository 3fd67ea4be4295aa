import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadLetterTopic } from '../../../src/fleet/connectors/bus/topics.ts';
import { until } from '../../helpers/until.ts';
import { FleetServers, runId, token, type TestHost } from './fleet-servers.ts';

const period = { from: '2025-01-01', to: '2025-12-31' };
const job = (id: string): object => ({ run_id: id, user_id: 'user-1', question: 'How did orders develop?', period });
const header = 'x-correlation-id';
const generated = /^[0-9a-f]{32}$/;

interface Seen {
  readonly topic: string;
  readonly value: string;
  readonly correlation: string | undefined;
}

/** Every place where a correlation id has to be, at hosts in full work. */
describe('correlation ids', () => {
  let servers: FleetServers;
  let hosts: readonly TestHost[];
  let control: TestHost;
  let reporting: TestHost;
  /** All messages of all topics, as somebody beside the fleet reads them. */
  const messages: Seen[] = [];
  let stopReading: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    servers = await FleetServers.start();
    control = servers.host('control');
    reporting = servers.host('reporting');
    hosts = [servers.host('business'), control, reporting];
    await Promise.all(hosts.map((host) => host.up()));
    await post('corr-first', 'job-first');
    await completed('job-first');
    await produce('agent.order.requests', 'no JSON', {});
    await produce('agent.order.requests', 'no JSON either', { [header]: 'corr-poison' });
    await servers.proxies.llm.refuse();
    await post('corr-failing', 'job-failing');
    await completed('job-failing');
    await servers.proxies.llm.listenAgain();
    const dead = deadLetterTopic('agent.order.requests');
    const consumer = servers.kafka().consumer({ groupId: 'bystander', sessionTimeout: 6_000 });
    await consumer.connect();
    const admin = servers.kafka().admin();
    await admin.connect();
    await until(async () => (await admin.listTopics()).includes(dead), 'the dead letters to be there', 15_000);
    const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
    await admin.disconnect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ topic, message }) => void messages.push({ topic, value: message.value?.toString('utf8') ?? '', correlation: message.headers?.[header]?.toString() }) });
    stopReading = () => consumer.disconnect();
    await until(() => messages.filter(({ topic }) => topic === dead).length >= 2 && messages.some(({ topic, value }) => topic === 'report.results' && value.includes('job-failing')), 'the messages', 20_000);
  }, 90_000);

  afterAll(async () => {
    await stopReading?.();
    await servers?.[Symbol.asyncDispose]();
  }, 30_000);

  async function post(correlation: string, id: string): Promise<void> {
    expect((await control.post('/jobs', job(id), { [header]: correlation })).status).toBe(202);
  }

  async function completed(id: string): Promise<void> {
    await until(async () => (await control.get(`/jobs/${id}`)).body['status'] === 'completed', `the report of ${id}`, 30_000);
  }

  async function produce(topic: string, value: string, headers: Record<string, string>): Promise<void> {
    const producer = servers.kafka().producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ key: null, value, headers }] });
    await producer.disconnect();
  }

  it('N02 an HTTP answer has the one of its request, or a new one, in header and body alike', async () => {
    const without = await control.post<{ correlation_id: string }>('/jobs', job('job-without'));
    expect(without.headers.get(header)).toMatch(generated);
    expect(without.body.correlation_id).toBe(without.headers.get(header));
    const direct = await hosts[0]?.post('/agents/order/facts', { period }, { [header]: 'corr-direct' });
    expect([direct?.status, direct?.headers.get(header)]).toEqual([200, 'corr-direct']);
    for (const path of ['/health', '/health/ready', '/health/detailed', '/metrics']) expect((await control.get(path, { [header]: 'corr-open' })).headers.get(header)).toBe('corr-open');
  });

  it.each([
    ['an unknown path', 404, 'GET', '/nowhere', undefined, {}],
    ['an unknown job', 404, 'GET', '/jobs/none', undefined, {}],
    ['no token', 401, 'GET', '/jobs/none', undefined, { authorization: '' }],
    ['a body that is no JSON', 400, 'POST', '/jobs', '{', {}],
    ['a job that is none', 400, 'POST', '/jobs', '{}', {}],
    ['an agent that is elsewhere', 404, 'POST', '/agents/order/facts', '{}', {}],
    ['an action that fails', 504, 'POST', '/agents/supervisor/submit', '{}', { 'x-netra-deadline-ms': '1' }],
  ] as const)('N02 the error answer to %s has it in header and body', async (_, status, method, path, body, headers) => {
    const answer = await fetch(`${control.url}${path}`, { method, ...(body === undefined ? {} : { body }), headers: { authorization: `Bearer ${token}`, [header]: 'corr-error', ...headers } });
    const told = (await answer.json()) as { error: { correlation_id: string } };
    expect([answer.headers.get(header), told.error.correlation_id]).toEqual(['corr-error', 'corr-error']);
    if (path !== '/agents/supervisor/submit') expect(answer.status).toBe(status);
  });

  it.each([
    ['a WebSocket without token', `GET /events HTTP/1.1\r\nhost: x\r\n${header}: corr-raw\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`, 401, 'UNAUTHORIZED', 'corr-raw'],
    ['a WebSocket elsewhere', `GET /else HTTP/1.1\r\nhost: x\r\n${header}: corr-raw\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`, 404, 'NOT_FOUND', 'corr-raw'],
    ['what is no HTTP', 'HELLO\r\n\r\n', 400, 'REQUEST_INVALID', generated],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'REQUEST_INVALID', generated],
  ])('N02 so has the answer to %s', async (_, text, status, code, correlation) => {
    const socket = connect(Number(new URL(control.url).port), '127.0.0.1');
    let answer = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => (answer += data.toString('utf8')));
    socket.write(text);
    await new Promise((resolve) => socket.once('close', resolve));
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    const { error } = JSON.parse(body) as { error: { code: string; correlation_id: string } };
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(error.code).toBe(code);
    expect(error.correlation_id).toMatch(correlation);
    expect(head).toContain(`${header}: ${error.correlation_id}`);
  });

  it('N02 every Kafka message has one; those of a job, from request to result, with every question to an agent, the job’s', () => {
    // The one that somebody else wrote without is what it is.
    expect(messages.filter(({ correlation }) => correlation === undefined || correlation === '')).toEqual([{ topic: 'agent.order.requests', value: 'no JSON', correlation: undefined }]);
    const of = (correlation: string): Set<string> => new Set(messages.filter((message) => message.correlation === correlation).map(({ topic }) => topic));
    expect([...of('corr-first')]).toEqual(expect.arrayContaining(['report.requests', 'report.work', 'report.results', 'agent.triage.requests', 'agent.data.requests', 'agent.order.requests', 'agent.replies.control-1']));
    for (const { value, correlation } of messages) {
      if (value.includes('job-first')) expect(correlation).toBe('corr-first');
      if (value.includes('job-failing')) expect(correlation).toBe('corr-failing');
    }
  });

  it('N02 a message that cannot be read keeps its own on the way to the dead letters, or gets one, and the log line has the same', () => {
    const dead = messages.filter(({ topic }) => topic === deadLetterTopic('agent.order.requests'));
    const logged = hosts[0]?.lines.filter(({ message }) => message.includes('dead letter')).map((line) => line.correlation_id) ?? [];
    expect(dead.find(({ value }) => value === 'no JSON either')?.correlation).toBe('corr-poison');
    expect(dead.find(({ value }) => value === 'no JSON')?.correlation).toMatch(generated);
    for (const { correlation } of dead) expect(logged).toContain(correlation);
  });

  it('N02 every event has one: of a job the job’s, in every type that a job has; of no job the run’s', () => {
    for (const [id, correlation] of [['job-first', 'corr-first'], ['job-failing', 'corr-failing']] as const) {
      const events = reporting.events.filter((event) => event.job_id === id);
      expect(events.length).toBeGreaterThan(4);
      expect(new Set(events.map((event) => event.correlation_id))).toEqual(new Set([correlation]));
    }
    const types = new Set(reporting.events.filter((event) => event.correlation_id === 'corr-failing').map(({ type }) => type));
    expect([...types]).toEqual(expect.arrayContaining(['agent_started', 'retry_scheduled', 'fallback_triggered', 'agent_completed']));
    const all = hosts.flatMap((host) => host.events);
    expect(all.filter((event) => event.correlation_id === undefined || event.correlation_id === '')).toEqual([]);
    for (const event of all.filter(({ type }) => ['level_changed', 'dependency_changed', 'dependency_sampled', 'breaker_sampled'].includes(type))) expect(event.correlation_id).toBe(runId);
  });

  it('N02 every log line has one: about a job the job’s, otherwise the run’s', () => {
    const lines = hosts.flatMap((host) => host.lines);
    expect(lines.filter((line) => typeof line.correlation_id !== 'string' || line.correlation_id === '')).toEqual([]);
    for (const line of lines.filter((each) => each['job_id'] === 'job-failing')) expect(line.correlation_id).toBe('corr-failing');
  });

  it('N02 the model’s gateway logs it with every call', async () => {
    const calls = (await readFile(join(servers.path, 'llm.ndjson'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as { run_id: string | null; correlation_id: string | null });
    const about = calls.filter((call) => call.run_id === 'job-first');
    expect(about.length).toBeGreaterThanOrEqual(8);
    expect(new Set(about.map((call) => call.correlation_id))).toEqual(new Set(['corr-first']));
  });
});
