import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { AgentActivity } from '../../../../src/fleet/agents/agent-activity.ts';
import { ConnectorError } from '../../../../src/fleet/error-codes.ts';
import { RecordedReliability, type EndedCall } from '../../../../src/fleet/host/recorded-reliability.ts';
import { watchedEvent } from '../../../../src/fleet/host/reliability-events.ts';
import { AgentSamples } from '../../../../src/fleet/host/samples/agent-samples.ts';
import { BreakerSamples } from '../../../../src/fleet/host/samples/breaker-samples.ts';
import { DependencySamples } from '../../../../src/fleet/host/samples/dependency-samples.ts';
import { Sampler } from '../../../../src/fleet/host/samples/sampler.ts';
import type { FleetEventDraft } from '../../../../src/journal/fleet-events.ts';
import type { ExecuteOptions } from '../../../../src/reliability/index.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';

interface Agent {
  readonly name: string;
  readonly activity: AgentActivity;
}

/** A host's calls, breakers and agents under virtual time, and what it says of them. */
class Bench {
  readonly clock = new VirtualClock();
  readonly events: FleetEventDraft[] = [];
  readonly ended: EndedCall[] = [];
  readonly reliability: RecordedReliability;
  readonly agents: Agent[] = [];
  readonly sampler: Sampler;

  constructor(breaker = true) {
    const { clock } = this;
    const dependencies = new DependencySamples(clock);
    const breakers = new BreakerSamples(clock, () => this.reliability);
    this.reliability = new RecordedReliability({ clock, rng: createRng('samples'), mechanisms: { breaker } }, (call) => {
      this.ended.push(call);
      dependencies.ended(call);
      breakers.ended(call);
    });
    this.reliability.events.on((event) => {
      const draft = watchedEvent(event, { count: () => undefined }, (transition) => breakers.changed(transition));
      if (draft?.type === 'breaker_transition') this.events.push(draft);
    });
    this.sampler = new Sampler({ clock, emit: (event) => this.events.push(event), dependencies, breakers, agents: new AgentSamples(() => this.agents, clock.monotonicMs()) });
    this.sampler.start();
  }

  agent(name: string): AgentActivity {
    const activity = new AgentActivity(this.clock);
    this.agents.push({ name, activity });
    return activity;
  }

  /** One attempt that takes `latencyMs` of virtual time, and fails with `error` where one is given. */
  async call(name: string, latencyMs = 0, error?: Error, options: ExecuteOptions<void> = {}): Promise<void> {
    const answer = this.reliability.executeSafely(
      async () => {
        if (latencyMs > 0) await this.clock.sleep(latencyMs);
        if (error !== undefined) throw error;
      },
      name,
      { profile: 'DATABASE', retry: { maxAttempts: 1, breaker: { threshold: 3, recoveryMs: 5_000, rampSlots: 0 } }, ...options },
    );
    const settled = answer.catch(() => undefined);
    if (latencyMs > 0) await this.clock.advance(latencyMs);
    await settled;
  }

  /** What was said since the last time. */
  said(type: FleetEventDraft['type']): FleetEventDraft[] {
    const found = this.events.filter((event) => event.type === type);
    this.events.splice(0);
    return found;
  }
}

const gone = (): ConnectorError => new ConnectorError('REDIS_UNAVAILABLE', 'Redis cannot be reached');

describe('samples of dependencies', () => {
  it('D12 once a second, what the calls of that second came to; nothing of a dependency that was not called', async () => {
    const bench = new Bench();
    for (const latencyMs of [10, 20, 30, 100]) await bench.call('redis.get', latencyMs);
    await bench.call('redis.set', 40, gone());
    await bench.call('agent.order', 5);
    await bench.clock.advance(795);
    expect(bench.said('dependency_sampled')).toEqual([{ type: 'dependency_sampled', dependency: 'redis', interval_ms: 1_000, calls: 5, failures: 1, latency_p50_ms: 30, latency_max_ms: 100 }]);
    await bench.clock.advance(10_000);
    expect(bench.said('dependency_sampled')).toEqual([]);
    await bench.call('llm.complete', 7);
    await bench.clock.advance(1_000);
    expect(bench.said('dependency_sampled')).toMatchObject([{ dependency: 'llm', calls: 1, failures: 0, latency_p50_ms: 7, latency_max_ms: 7 }]);
  });

  it('D12 every attempt counts, a retried one too, one that ran into its time limit with the time that it took', async () => {
    const bench = new Bench();
    let asked = 0;
    const answer = bench.reliability.executeSafely(
      async (call) => {
        if (++asked > 1) return 'late';
        await bench.clock.sleep(60_000, call.signal);
        return 'never';
      },
      'postgres.read',
      { profile: 'DATABASE', retry: { maxAttempts: 2, attemptTimeoutMs: 300, baseDelayMs: 10, maxDelayMs: 10 }, idempotent: true },
    );
    await bench.clock.advance(1_000);
    expect(await answer).toBe('late');
    expect(bench.said('dependency_sampled')).toMatchObject([{ dependency: 'postgres', calls: 2, failures: 1, latency_max_ms: 300 }]);
  });

  it('D12 what its caller cancels is no call, nor is waiting for a service beside its breaker', async () => {
    const bench = new Bench();
    const caller = new AbortController();
    const cancelled = bench.call('redis.get', 500, undefined, { signal: caller.signal });
    caller.abort(new Error('no longer wanted'));
    await cancelled;
    await bench.call('redis.get', 0, Object.assign(new Error('given up'), { name: 'AbortError' }), { signal: caller.signal });
    await bench.call('redis.connect', 5, gone(), { breaker: false });
    await bench.clock.advance(1_000);
    expect(bench.said('dependency_sampled').filter((event) => 'failures' in event && event.failures > 0)).toEqual([]);
    expect(bench.ended.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it('D12 10,000 calls in a second are told from a bounded part of them: the median within two ranks in a hundred, the greatest exactly', async () => {
    const bench = new Bench();
    const samples = new DependencySamples(bench.clock);
    for (let n = 0; n < 10_000; n++) samples.ended({ breaker: 'kafka', latencyMs: (n * 7_919) % 10_000, error: undefined });
    const [sample] = samples.take(1_000);
    expect(sample).toMatchObject({ dependency: 'kafka', calls: 10_000, latency_max_ms: 9_999 });
    expect(Math.abs((sample?.latency_p50_ms ?? 0) - 5_000)).toBeLessThan(200);
    expect(samples.take(1_000)).toEqual([]);
  });
});

describe('samples of breakers', () => {
  it('D12 a healthy breaker is told of once, not every second', async () => {
    const bench = new Bench();
    for (let second = 0; second < 5; second++) {
      for (let n = 0; n < 4; n++) await bench.call('redis.get', 1);
      await bench.clock.advance(1_000);
    }
    expect(bench.said('breaker_sampled')).toEqual([{ type: 'breaker_sampled', breaker: 'redis', state: 'closed', failure_rate: 0, calls: 4, probe_in_ms: null }]);
  });

  it('D12 too few calls are no rate; failures among enough of them are one', async () => {
    const bench = new Bench();
    await bench.call('redis.get', 1, gone());
    await bench.clock.advance(1_000);
    expect(bench.said('breaker_sampled')).toEqual([]);
    for (let n = 0; n < 3; n++) await bench.call('redis.get', 1);
    await bench.clock.advance(1_000);
    expect(bench.said('breaker_sampled')).toMatchObject([{ failure_rate: 0.25, calls: 4, state: 'closed' }]);
    for (let n = 0; n < 40; n++) await bench.call('redis.get', 1);
    await bench.clock.advance(1_000);
    expect(bench.said('breaker_sampled')).toMatchObject([{ failure_rate: 0, calls: 20 }]);
  });

  it('D12 the transition tells rate and probe; while it is open nothing is repeated, unless the probe is put forward; closed, it begins anew', async () => {
    const bench = new Bench();
    for (let n = 0; n < 3; n++) await bench.call('agent.order', 1, undefined, { breaker: 'agent.order' });
    for (let n = 0; n < 3; n++) await bench.call('agent.order', 1, gone(), { breaker: 'agent.order' });
    expect(bench.said('breaker_transition')).toEqual([{ type: 'breaker_transition', breaker: 'agent.order', from: 'closed', to: 'open', failure_rate: 0.5, probe_in_ms: 5_000 }]);
    await bench.clock.advance(2_000);
    expect(bench.said('breaker_sampled')).toEqual([]);
    bench.reliability.breaker('agent.order').admitProbe();
    await bench.clock.advance(6_000);
    expect(bench.said('breaker_sampled')).toEqual([{ type: 'breaker_sampled', breaker: 'agent.order', state: 'open', failure_rate: 0.5, calls: 6, probe_in_ms: 0 }]);
    await bench.call('agent.order', 1, undefined, { breaker: 'agent.order' });
    const transitions = bench.events.filter((event) => event.type === 'breaker_transition');
    expect(transitions).toEqual([
      { type: 'breaker_transition', breaker: 'agent.order', from: 'open', to: 'half-open' },
      { type: 'breaker_transition', breaker: 'agent.order', from: 'half-open', to: 'closed' },
    ]);
    await bench.clock.advance(1_000);
    expect(bench.said('breaker_sampled')).toEqual([{ type: 'breaker_sampled', breaker: 'agent.order', state: 'closed', failure_rate: null, calls: 0, probe_in_ms: null }]);
  });

  it('D12 a breaker opened by a call that is still running into its time limit has that call in its rate', async () => {
    const bench = new Bench();
    const hang = (): Promise<unknown> =>
      bench.reliability
        .executeSafely((call) => bench.clock.sleep(60_000, call.signal), 'llm.complete', { profile: 'DATABASE', retry: { maxAttempts: 1, attemptTimeoutMs: 200, breaker: { threshold: 3, recoveryMs: 5_000, rampSlots: 0 } } })
        .catch(() => undefined);
    await bench.call('llm.complete', 1);
    const hanging = [hang(), hang(), hang()];
    await bench.clock.advance(500);
    await Promise.all(hanging);
    expect(bench.said('breaker_transition')).toMatchObject([{ to: 'open', failure_rate: 0.75, probe_in_ms: 5_000 }]);
  });

  it('D12 an outage that changes every agent\'s breaker is told of in four lines a second, none left out', async () => {
    const bench = new Bench();
    const names = Array.from({ length: 15 }, (_, index) => `agent.a${index}`);
    const told = new Set<string>();
    for (let second = 0; second < 4; second++) {
      // Each second one call more that fails: the rate of each is another one.
      for (const breaker of names) for (let n = 0; n < 3; n++) await bench.call(breaker, 0, n === second % 3 ? gone() : undefined, { breaker });
      await bench.clock.advance(1_000);
      const samples = bench.said('breaker_sampled') as { breaker: string }[];
      expect(samples.length).toBeLessThanOrEqual(4);
      for (const { breaker } of samples) told.add(breaker);
    }
    expect(told.size).toBe(15);
  });

  it('D11 D12 where breakers are switched off, none is told of and none comes to be', async () => {
    const bench = new Bench(false);
    for (let n = 0; n < 5; n++) await bench.call('redis.get', 1, gone());
    await bench.clock.advance(1_000);
    expect(bench.said('breaker_sampled')).toEqual([]);
    expect(bench.reliability.health().breakers).toEqual({});
  });
});

describe('samples of agents', () => {
  it('D12 messages, errors and what is under way, where anything is new', async () => {
    const bench = new Bench();
    const order = bench.agent('order');
    bench.agent('payment');
    await order.observe('facts', 'c-1', async () => undefined);
    await order.observe('facts', 'c-2', () => Promise.reject(new ConnectorError('DATABASE_UNAVAILABLE', 'x'.repeat(400)))).catch(() => undefined);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const working = order.observe('facts', 'c-3', () => held);
    await bench.clock.advance(1_000);
    expect(bench.said('agent_sampled')).toEqual([
      {
        type: 'agent_sampled',
        agent: 'order',
        interval_ms: 1_000,
        messages: 2,
        errors: 1,
        working: 1,
        failed: [{ operation: 'facts', code: 'DATABASE_UNAVAILABLE', message: 'x'.repeat(300), correlation_id: 'c-2', failed_at: bench.clock.now() - 1_000 }],
      },
    ]);
    await bench.clock.advance(3_000);
    expect(bench.said('agent_sampled')).toEqual([]);
    release();
    await working;
    await bench.clock.advance(1_000);
    expect(bench.said('agent_sampled')).toEqual([{ type: 'agent_sampled', agent: 'order', interval_ms: 4_000, messages: 1, errors: 0, working: 0 }]);
  });

  it('D12 of many failures the newest five are told, all are counted', async () => {
    const bench = new Bench();
    const order = bench.agent('order');
    for (let n = 1; n <= 12; n++) order.failed('facts', undefined, new Error(`failure ${n}`));
    await bench.clock.advance(1_000);
    const [sample] = bench.said('agent_sampled');
    expect(sample).toMatchObject({ errors: 12, failed: [8, 9, 10, 11, 12].map((n) => ({ code: 'AGENT_FAILED', message: `failure ${n}` })) });
  });

  it('D12 fifteen busy agents are four lines a second, those with errors first, none left out, and nothing lost at the end', async () => {
    const bench = new Bench();
    const agents = Array.from({ length: 15 }, (_, index) => bench.agent(`agent-${index}`));
    const work = async (): Promise<void> => {
      for (const agent of agents) await agent.observe('facts', undefined, async () => undefined);
    };
    await work();
    agents[14]?.failed('facts', undefined, new Error('no'));
    await bench.clock.advance(1_000);
    const told = new Map<string, number>();
    const add = (): string[] => {
      const samples = bench.said('agent_sampled') as { agent: string; messages: number }[];
      for (const { agent, messages } of samples) told.set(agent, (told.get(agent) ?? 0) + messages);
      return samples.map(({ agent }) => agent);
    };
    expect(add()).toEqual(['agent-14', 'agent-0', 'agent-1', 'agent-2']);
    for (let second = 0; second < 7; second++) {
      await work();
      await bench.clock.advance(1_000);
      expect(add()).toHaveLength(4);
    }
    expect(told.size).toBe(15);
    bench.sampler.stop();
    add();
    expect([...told.values()]).toEqual(Array.from({ length: 15 }, () => 8));
  });
});

describe('agents that are made anew', () => {
  it('D12 what one came to that failed and was replaced is told all the same', async () => {
    const bench = new Bench();
    for (let n = 0; n < 15; n++) bench.agent(`agent-${n}`).failed('start', undefined, new Error('no database'));
    await bench.clock.advance(1_000);
    const told = bench.said('agent_sampled').length;
    bench.agents.splice(0);
    for (let n = 0; n < 15; n++) bench.agent(`agent-${n}`);
    await bench.clock.advance(10_000);
    const later = bench.said('agent_sampled') as { agent: string; errors: number }[];
    expect(told + later.length).toBe(15);
    expect(later.every(({ errors }) => errors === 1)).toBe(true);
  });
});

describe('the sampler', () => {
  it('F12 says what is left when it stops, leaves no timer, and does not begin again', async () => {
    const bench = new Bench();
    await bench.call('redis.get', 250);
    bench.sampler.stop();
    expect(bench.said('dependency_sampled')).toMatchObject([{ calls: 1, interval_ms: 250 }]);
    expect(bench.clock.pendingTimers).toBe(0);
    bench.sampler.start();
    bench.sampler.stop();
    await bench.call('redis.get', 5);
    await bench.clock.advance(5_000);
    expect(bench.events).toEqual([]);
  });
});
