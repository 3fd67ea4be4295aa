import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { deadlineAfter } from '../../../src/core/deadline.ts';
import type { AgentAction } from '../../../src/fleet/agents/action.ts';
import { BaseAgent } from '../../../src/fleet/agents/base-agent.ts';
import type { Subscription } from '../../../src/fleet/connectors/bus/message-bus.ts';
import { until } from '../../helpers/until.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { fakeServices, type FakeServices } from './agent-services.ts';

class TestAgent extends BaseAgent {
  readonly name = 'tester';
  readonly steps: string[] = [];
  custom: () => Promise<void> = () => Promise.resolve();
  work: (signal: AbortSignal) => Promise<unknown> = () => Promise.resolve({ done: true });

  override actions(): readonly AgentAction<unknown, unknown>[] {
    const act: AgentAction<{ n: number }, unknown> = { name: 'act', summary: 'Acts', input: z.object({ n: z.number() }), output: z.object({ done: z.boolean() }), handle: (_input, context) => this.work(context.signal) };
    return [act];
  }
  get stopSignal(): AbortSignal {
    return this.stopping;
  }
  protected override tables(): readonly string[] {
    return ['CREATE TABLE IF NOT EXISTS mine (a TEXT)'];
  }
  protected override subscribe(): readonly Promise<Subscription>[] {
    return [this.services.bus.subscribe({ topic: 'own.topic', group: 'own', handle: () => Promise.resolve() })];
  }
  protected override async initializeDatabase(maxRetries?: number, retryDelay?: number): Promise<void> {
    this.steps.push('database');
    await super.initializeDatabase(maxRetries, retryDelay);
  }
  protected override async initializeKafka(maxRetries?: number, retryDelay?: number): Promise<void> {
    this.steps.push('kafka');
    await super.initializeKafka(maxRetries, retryDelay);
  }
  protected override async initializeRedis(): Promise<void> {
    this.steps.push('redis');
    await super.initializeRedis();
  }
  protected override async initializeCustom(): Promise<void> {
    this.steps.push('custom');
    await this.custom();
  }
}

function made(options: Parameters<typeof fakeServices>[0] = {}): { agent: TestAgent; services: FakeServices; clock: VirtualClock } {
  const clock = new VirtualClock();
  const services = fakeServices({ clock, ...options });
  return { agent: new TestAgent(services), services, clock };
}

async function up(agent: TestAgent): Promise<void> {
  await agent.initializeAsync();
  await agent.start();
}

const call = { correlationId: 'c-1' };

describe('the lifecycle of an agent', () => {
  it('F01 database, Kafka, Redis, its own, in this order; created → initializing → ready → stopped', async () => {
    const { agent, services } = made();
    const seen = [agent.status];
    agent.custom = async () => void seen.push(agent.status);
    await up(agent);
    seen.push(agent.status);
    expect(agent.steps).toEqual(['database', 'kafka', 'redis', 'custom']);
    expect(services.fakes.database.tables).toEqual(['CREATE TABLE IF NOT EXISTS mine (a TEXT)']);
    expect(services.fakes.bus.subscriptions.map(({ topic, group }) => [topic, group])).toEqual([['agent.tester.requests', 'agent.tester'], ['own.topic', 'own']]);
    expect(services.events).toEqual([{ type: 'agent_started', agent: 'tester' }]);
    await agent.gracefulShutdown();
    seen.push(agent.status);
    expect(seen).toEqual(['created', 'initializing', 'ready', 'stopped']);
    expect(services.fakes.bus.subscriptions.every(({ stopped }) => stopped)).toBe(true);
    expect(services.fakes.bus.listening).toBe(false);
    await agent.gracefulShutdown();
    expect(agent.status).toBe('stopped');
  });

  it('F01 healthCheck tells what is processed, what failed, the lag and the time since the start', async () => {
    const { agent, clock } = made();
    await up(agent);
    await agent.invoke('act', { n: 1 }, call);
    await expect(agent.invoke('act', { n: 'x' }, call)).rejects.toMatchObject({ code: 'ACTION_INPUT_INVALID' });
    agent.work = () => Promise.reject(new Error('out of order'));
    await expect(agent.invoke('act', { n: 1 }, call)).rejects.toThrow('out of order');
    await clock.advance(61_000);
    expect(await agent.healthCheck()).toEqual({ agent_id: 'tester', status: 'ready', uptime: 61, reasons: [], consumer_lag: 6, metrics: { messages_processed: 1, errors: 2, last_error: 'out of order' } });
  });
});

describe('the database of an agent', () => {
  it('F02 without a stand-in: one attempt and five more, 2 s doubling (equal jitter), then failed', async () => {
    const { agent, services, clock } = made({ resilience: { fallback: false } });
    Object.assign(services.fakes.database, { available: false, fallback: false });
    const starting = agent.initializeAsync().catch((error: unknown) => error);
    await clock.advance(120_000);
    expect(await starting).toMatchObject({ code: 'DATABASE_FALLBACK_OFF' });
    const { connectedAtMs } = services.fakes.database;
    expect(connectedAtMs).toHaveLength(6);
    for (const [index, atMs] of connectedAtMs.slice(1).entries()) {
      const waitedMs = atMs - (connectedAtMs[index] as number);
      const fullMs = Math.min(30_000, 2_000 * 2 ** index);
      expect(waitedMs).toBeGreaterThanOrEqual(fullMs / 2);
      expect(waitedMs).toBeLessThanOrEqual(fullMs);
    }
    expect(agent.status).toBe('failed');
    expect((await agent.healthCheck()).reasons[0]).toContain('no database');
  });

  it('F02 fifteen agents of a host that wait at once each have all their attempts', async () => {
    const { services, clock } = made({ resilience: { fallback: false } });
    Object.assign(services.fakes.database, { available: false, fallback: false });
    const starting = Promise.allSettled(Array.from({ length: 15 }, () => new TestAgent(services).initializeAsync()));
    await clock.advance(120_000);
    await starting;
    expect(services.fakes.database.connects).toBe(15 * 6);
  });

  it('F02 with a stand-in: SQLite after 15 s at the latest, degraded and at work', async () => {
    const { agent, services, clock } = made();
    services.fakes.database.available = false;
    const starting = agent.initializeAsync();
    await clock.advance(15_100);
    await starting;
    await agent.start();
    expect(services.fakes.database.mode).toBe('sqlite');
    expect(services.fakes.database.connects).toBeGreaterThan(2);
    expect(agent.status).toBe('degraded');
    expect((await agent.healthCheck()).reasons).toEqual(['database: sqlite']);
    services.fakes.database.mode = 'postgres';
    expect(agent.status).toBe('ready');
  });

  it('F02 a database that comes between two attempts is taken', async () => {
    const { agent, services, clock } = made();
    services.fakes.database.available = false;
    const starting = agent.initializeAsync();
    await clock.advance(1_500);
    services.fakes.database.available = true;
    await clock.advance(4_000);
    await starting;
    expect(services.fakes.database.mode).toBe('postgres');
  });

  it('F12 a shutdown ends the wait for a database at once', async () => {
    const { agent, services, clock } = made();
    services.fakes.database.available = false;
    const starting = agent.initializeAsync().catch((error: unknown) => error);
    await clock.advance(100);
    await agent.gracefulShutdown();
    expect(await starting).toBeInstanceOf(Error);
    expect(agent.status).toBe('stopped');
    await agent.start();
    expect(agent.status).toBe('stopped');
    expect(services.events).toEqual([]);
  });
});

describe('Kafka of an agent', () => {
  it('F03 gone at the start: the agent is up at once, degraded, and joins by itself when Kafka comes', async () => {
    const { agent, services, clock } = made();
    const { bus } = services.fakes;
    bus.set(false, 'connection refused');
    bus.joining = () => (bus.state.up ? Promise.resolve() : Promise.reject(new Error('no broker')));
    await up(agent);
    expect(agent.status).toBe('degraded');
    expect((await agent.healthCheck()).reasons).toEqual(['kafka: connection refused']);
    await clock.advance(5_000);
    bus.set(true);
    await clock.advance(0);
    expect(bus.subscriptions.map(({ topic }) => topic)).toEqual(['agent.tester.requests', 'own.topic']);
    expect(agent.status).toBe('ready');
  });

  it('F03 eleven attempts from 3 s, doubling up to 30 s; then a new round after 30 s although nothing changed', async () => {
    const { agent, services, clock } = made();
    const { bus } = services.fakes;
    const attemptsAtMs: number[] = [];
    bus.joining = (options) => {
      if (options.topic === 'own.topic') attemptsAtMs.push(clock.monotonicMs());
      return Promise.reject(new Error('coordinator not available'));
    };
    const starting = agent.initializeAsync();
    await clock.advance(260_000);
    await starting;
    await agent.start();
    expect(agent.status).toBe('degraded');
    expect((await agent.healthCheck()).reasons).toEqual(['kafka: coordinator not available']);
    const firstRound = attemptsAtMs.slice(0, 11);
    for (const [index, atMs] of firstRound.slice(1).entries()) {
      const fullMs = Math.min(30_000, 3_000 * 2 ** index);
      expect(atMs - (firstRound[index] as number)).toBeGreaterThanOrEqual(fullMs / 2);
      expect(atMs - (firstRound[index] as number)).toBeLessThanOrEqual(fullMs);
    }
    bus.joining = () => Promise.resolve();
    await clock.advance(60_000);
    expect(agent.status).toBe('ready');
  });

  it('F03 a coordinator that does not answer is given 30 s an attempt; a join that succeeds too late leaves no consumer behind', async () => {
    const { agent, services, clock } = made();
    const { bus } = services.fakes;
    const late = Promise.withResolvers<void>();
    bus.joining = () => late.promise;
    const starting = agent.initializeAsync();
    await clock.advance(30_001);
    bus.joining = () => Promise.resolve();
    late.resolve();
    await clock.advance(5_000);
    await starting;
    await agent.start();
    expect(agent.status).toBe('ready');
    const alive = bus.subscriptions.filter(({ stopped }) => !stopped).map(({ topic }) => topic);
    expect(alive.toSorted()).toEqual(['agent.tester.requests', 'own.topic']);
    expect(bus.subscriptions.length).toBeGreaterThan(2);
  });

  it('F03 where one of two subscriptions fails, the other is left again before the next attempt', async () => {
    const { agent, services, clock } = made();
    const { bus } = services.fakes;
    let failures = 2;
    bus.joining = (options) => (options.topic === 'own.topic' && failures-- > 0 ? Promise.reject(new Error('rebalance')) : Promise.resolve());
    const starting = agent.initializeAsync();
    await clock.advance(20_000);
    await starting;
    expect(bus.subscriptions.filter(({ stopped }) => !stopped).map(({ topic }) => topic).toSorted()).toEqual(['agent.tester.requests', 'own.topic']);
    expect(bus.subscriptions.filter(({ stopped }) => stopped)).toHaveLength(2);
  });

  it('F12 a join under way when the agent stops ends as left', async () => {
    const { agent, services, clock } = made();
    const { bus } = services.fakes;
    const late = Promise.withResolvers<void>();
    bus.joining = () => late.promise;
    const starting = agent.initializeAsync().catch((error: unknown) => error);
    await clock.advance(10);
    await agent.gracefulShutdown();
    late.resolve();
    expect(await starting).toMatchObject({ message: 'agent tester is shutting down' });
    await until(() => bus.subscriptions.length === 2 && bus.subscriptions.every(({ stopped }) => stopped), 'both late joins to be left');
    expect(agent.steps).toEqual(['database', 'kafka']);
  });
});

describe('Redis of an agent', () => {
  it('F04 gone at the start: degraded, never failed; ready again as soon as it is back', async () => {
    const { agent, services, clock } = made();
    services.fakes.redis.state = { up: false, sinceMs: 0, reason: 'refused' };
    const starting = up(agent);
    await clock.advance(20_000);
    await starting;
    expect(agent.status).toBe('degraded');
    expect((await agent.healthCheck()).reasons).toEqual(['redis: refused']);
    services.fakes.redis.state = { up: true };
    expect(agent.status).toBe('ready');
  });

  it('F04 initializeCustom that throws fails the agent, with the reason shown', async () => {
    const { agent } = made();
    agent.custom = () => Promise.reject(new Error('my files are broken'));
    await expect(agent.initializeAsync()).rejects.toThrow('my files are broken');
    expect(agent.status).toBe('failed');
    expect(await agent.healthCheck()).toMatchObject({ reasons: ['my files are broken'], metrics: { errors: 1, last_error: 'my files are broken' } });
  });
});

describe('the shutdown of an agent', () => {
  it('F12 work under way is let end before its signal is aborted; new work is refused meanwhile', async () => {
    const { agent } = made();
    await up(agent);
    const work = Promise.withResolvers<unknown>();
    const aborted: boolean[] = [];
    agent.work = async () => {
      const result = await work.promise;
      aborted.push(agent.stopSignal.aborted);
      return result;
    };
    const answer = agent.invoke('act', { n: 1 }, call);
    const stopping = agent.gracefulShutdown();
    expect(agent.status).toBe('draining');
    await expect(agent.invoke('act', { n: 2 }, call)).rejects.toMatchObject({ code: 'AGENT_NOT_READY', retriable: true });
    work.resolve({ done: true });
    expect(await answer).toEqual({ done: true });
    await stopping;
    expect(aborted).toEqual([false]);
    expect(agent.stopSignal.aborted).toBe(true);
  });

  it('F12 work that does not end is aborted when the time is over', async () => {
    const { agent } = made();
    await up(agent);
    const seen = Promise.withResolvers<void>();
    agent.work = () => new Promise(() => agent.stopSignal.addEventListener('abort', () => seen.resolve(), { once: true }));
    void agent.invoke('act', { n: 1 }, call);
    const late = new AbortController();
    const stopping = agent.gracefulShutdown(late.signal);
    late.abort(new Error('time is over'));
    await stopping;
    await seen.promise;
    expect(agent.status).toBe('stopped');
  });
});

describe('actions', () => {
  it('N07 R08 an action ends at its deadline although it hangs, and with its caller\'s abort', async () => {
    const { agent, clock } = made();
    await up(agent);
    agent.work = () => new Promise(() => undefined);
    const hanging = agent.invoke('act', { n: 1 }, { ...call, deadline: deadlineAfter(clock, 500) }).catch((error: unknown) => error);
    await clock.advance(500);
    expect(await hanging).toMatchObject({ code: 'AGENT_NO_REPLY' });
    const controller = new AbortController();
    const abandoned = agent.invoke('act', { n: 1 }, { ...call, signal: controller.signal }).catch((error: unknown) => error);
    controller.abort(new Error('gone'));
    expect(await abandoned).toMatchObject({ message: 'gone' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('N07 an answer that does not fit its own schema is the agent\'s error, not the caller\'s surprise', async () => {
    const { agent } = made();
    await up(agent);
    agent.work = () => Promise.resolve({ done: 'yes' });
    await expect(agent.invoke('act', { n: 1 }, call)).rejects.toMatchObject({ code: 'ACTION_OUTPUT_INVALID' });
    await expect(agent.invoke('act', {}, call)).rejects.toMatchObject({ code: 'ACTION_INPUT_INVALID', message: expect.stringContaining('n') });
    await expect(agent.invoke('fly', {}, call)).rejects.toMatchObject({ code: 'ACTION_UNKNOWN', message: expect.stringContaining('act') });
  });

  it('F08 at level 3 an action is told to change nothing', async () => {
    let level = 2;
    const services = fakeServices({ clock: new VirtualClock(), level: () => level });
    const seen: boolean[] = [];
    class Reader extends BaseAgent {
      readonly name = 'reader';
      override actions(): readonly AgentAction<unknown, unknown>[] {
        return [{ name: 'read', summary: '', input: z.unknown(), output: z.unknown(), handle: async (_input, context) => void seen.push(context.readOnly) }];
      }
    }
    const reader = new Reader(services);
    await reader.invoke('read', {}, call);
    level = 3;
    await reader.invoke('read', {}, call);
    expect(seen).toEqual([false, true]);
  });

  it('F07 what an action asks of others ends before its own deadline, so that it can still answer with what it has', async () => {
    const clock = new VirtualClock();
    const asked: { remainingMs: number; correlationId: string | undefined; userId: string | undefined }[] = [];
    const services = fakeServices({
      clock,
      ask: (_agent, _action, _input, options) => {
        asked.push({ remainingMs: options?.deadline?.remainingMs() ?? -1, correlationId: options?.correlationId, userId: options?.userId });
        return Promise.resolve(undefined as never);
      },
    });
    class Asker extends BaseAgent {
      readonly name = 'asker';
      override actions(): readonly AgentAction<unknown, unknown>[] {
        return [{ name: 'go', summary: '', input: z.unknown(), output: z.unknown(), handle: (_input, context) => context.ask('other', 'act', {}) }];
      }
    }
    await new Asker(services).invoke('go', {}, { ...call, userId: 'u', deadline: deadlineAfter(clock, 10_000) });
    expect(asked).toEqual([{ remainingMs: 8_000, correlationId: 'c-1', userId: 'u' }]);
  });
});
