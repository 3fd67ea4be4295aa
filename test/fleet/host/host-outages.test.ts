import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleepWith, systemClock, type Clock } from '../../../src/core/clock.ts';
import { until } from '../../helpers/until.ts';
import { FleetServers, type TestHost } from './fleet-servers.ts';

const year = { period: { from: '2025-01-01', to: '2025-12-31' } };

/** A clock that runs five times as fast, so that patience of 15 s costs a test 3 s. */
const factor = 5;
const setTimer: Clock['setTimer'] = (delayMs, callback, options) => systemClock.setTimer(delayMs / factor, callback, options);
const hurried: Clock = { now: () => systemClock.now(), monotonicMs: () => systemClock.monotonicMs() * factor, setTimer, sleep: (delayMs, signal) => sleepWith(setTimer, delayMs, signal) };

let servers: FleetServers;
beforeAll(async () => {
  servers = await FleetServers.start();
}, 60_000);
afterAll(() => servers[Symbol.asyncDispose](), 30_000);

async function readiness(host: TestHost): Promise<Record<string, unknown>> {
  const { status, body } = await host.get('/health/ready');
  return { code: status, ...body };
}

async function becomes(host: TestHost, wanted: Record<string, unknown>, timeoutMs = 30_000): Promise<void> {
  let last: Record<string, unknown> = {};
  await until(
    async () => {
      last = await readiness(host);
      return Object.entries(wanted).every(([name, value]) => last[name] === value);
    },
    JSON.stringify(wanted),
    timeoutMs,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; it is ${JSON.stringify(last)}`);
  });
}

describe('a host that comes up before what it needs', { timeout: 60_000 }, () => {
  it('F02 F04 without PostgreSQL and Redis: SQLite with its own copy of the data, level 3, and all of it back by itself', async () => {
    servers.proxies.postgres.rejectAll();
    servers.proxies.redis.rejectAll();
    const host = await servers.host('business', { name: 'business-early', clock: hurried }).listening();
    expect(await readiness(host)).toMatchObject({ code: 503, status: 'not ready', database: 'failed' });
    await becomes(host, { code: 200, status: 'ready', database: 'sqlite', redis: 'down' });
    let facts: unknown[] = [];
    await until(
      async () => {
        const answer = await host.post<{ facts: unknown[] }>('/agents/order/facts', year);
        facts = answer.body.facts;
        return answer.status === 200;
      },
      'facts from SQLite',
      20_000,
    );
    expect(facts.length).toBeGreaterThan(3);
    expect((await host.get('/agents/order/health')).body).toEqual({ status: 'degraded', agent: 'order' });
    expect((await host.get<{ reasons: string[] }>('/agents/order/health/detailed')).body.reasons).toEqual(expect.arrayContaining(['database: sqlite', expect.stringMatching(/^redis: /)]));
    expect((await host.get<{ level: number }>('/health/detailed')).body.level).toBe(3);

    await servers.proxies.postgres.listenAgain();
    await servers.proxies.redis.listenAgain();
    await becomes(host, { code: 200, database: 'postgres', redis: 'up' });
    await until(async () => (await host.get<{ level: number }>('/health/detailed')).body.level === 0, 'level 0');
    // The data reaches PostgreSQL only now, at first need; on the hurried clock that may take more than one attempt.
    const inPostgres = async (): Promise<number> => {
      const [table] = await servers.sql<{ name: string | null }>("SELECT to_regclass('orders')::text AS name");
      return table?.name == null ? 0 : Number((await servers.sql<{ n: string }>('SELECT count(*) AS n FROM orders'))[0]?.n);
    };
    await until(async () => (await host.post('/agents/risk/facts', year)).status === 200 && (await inPostgres()) > 100, 'facts from PostgreSQL', 20_000);
    await until(async () => (await host.post('/agents/order/facts', { period: { from: '2025-01-01', to: '2025-06-30' } })).status === 200, 'facts of another period', 10_000);
    await until(async () => (await host.get('/agents/order/health')).body['status'] === 'ready', 'the agent to be whole');
    expect(host.events.filter((event) => event.type === 'level_changed').map((event) => (event as { to: number }).to)).toEqual(expect.arrayContaining([3, 0]));
    await host.stop();
  });

  it('F03 without Kafka: up and degraded, direct calls answered; in its groups by itself once Kafka is there', async () => {
    servers.proxies.kafka.rejectAll();
    const host = await servers.host('business', { name: 'business-nokafka' }).up();
    expect(await readiness(host)).toMatchObject({ code: 200, kafka: 'down', database: 'postgres' });
    expect((await host.get('/agents/product/health')).body).toMatchObject({ status: 'degraded' });
    expect((await host.post('/agents/product/facts', year)).status).toBe(200);
    await servers.proxies.kafka.listenAgain();
    await becomes(host, { kafka: 'up' });
    await until(async () => (await host.get<{ agents: { status: string }[] }>('/health/detailed')).body.agents.every((agent) => agent.status === 'ready'), 'all fifteen to have joined', 20_000);
    const admin = servers.kafka().admin();
    await admin.connect();
    const { groups } = await admin.describeGroups(['agent.product', 'agent.risk']);
    await admin.disconnect();
    expect(groups.map((group) => group.members.filter((member) => member.clientId === 'business-nokafka').length)).toEqual([1, 1]);
    await host.stop();
  });

  it('F02 N06 without any database: 503 and level 4, every agent failed; healed when PostgreSQL comes', async () => {
    servers.proxies.postgres.rejectAll();
    const host = await servers.host('control', { name: 'control-bare', clock: hurried, environment: { NETRA_RESILIENCE: 'off' } }).listening();
    await until(async () => (await host.get('/agents/supervisor/health')).body['status'] === 'failed', 'the supervisor to have failed', 10_000);
    expect(await readiness(host)).toMatchObject({ code: 503, status: 'not ready', database: 'failed' });
    expect((await host.get<{ level: number }>('/health/detailed')).body.level).toBe(4);
    expect((await host.get('/health')).status).toBe(200);
    const refused = await host.post('/jobs', { user_id: 'u', question: 'How?', period: year.period });
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ error: { recovery: 'retry' } });
    await servers.proxies.postgres.listenAgain();
    await becomes(host, { code: 200, database: 'postgres' });
    await host.stop();
  });
});

describe('a host that loses what it needs', { timeout: 60_000 }, () => {
  it('N05 F08 log lines and events tell the level and the open breakers of the moment', async () => {
    const host = await servers.host('reporting', { name: 'reporting-watch' }).up();
    const begin = host.events.length;
    servers.proxies.redis.rejectAll();
    servers.proxies.kafka.rejectAll();
    await until(() => host.events.slice(begin).some((event) => event.type === 'level_changed' && event.to === 3), 'level 3', 10_000);
    const change = host.lines.findLast((line) => line.message === 'degradation level changed' && line['to'] === 3);
    expect(change).toMatchObject({ level: 'warn', degradation_level: 3, reason: expect.stringContaining('redis: ') });
    const back = host.events.length;
    await servers.proxies.redis.listenAgain();
    await servers.proxies.kafka.listenAgain();
    await until(() => host.events.slice(back).some((event) => event.type === 'level_changed' && event.to === 0), 'level 0', 15_000);
    // Redis alone is no level of its own, so the level may be 0 a moment before it is back.
    const told = (): Set<string> => new Set(host.events.slice(begin).flatMap((event) => (event.type === 'dependency_changed' ? [`${event.dependency} ${String(event.up)}`] : [])));
    await until(() => told().size === 4, 'both dependencies to be told of twice', 10_000);
    expect(told()).toEqual(new Set(['redis false', 'kafka false', 'redis true', 'kafka true']));
    await host.stop();
  });
});
