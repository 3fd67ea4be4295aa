import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActiveFaults } from '../../../src/chaos/engine/active-faults.ts';
import type { FaultToInject } from '../../../src/chaos/engine/fault-bench.ts';
import { UserFaults, type LiveFaultRequest } from '../../../src/chaos/engine/live-faults.ts';
import type { InjectedFault } from '../../../src/chaos/faults/fault.ts';
import type { JournalFact } from '../../../src/journal/events.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { injectScripted, type Behaviour } from './scripted-fault.ts';

/** Live faults under virtual time on a fleet that is not there, and a line for everything that was done: `+down-redis-user-1@100`, `-down-redis-user-1@300`. */
class Bench {
  readonly clock = new VirtualClock();
  readonly log: string[] = [];
  readonly facts: JournalFact[] = [];
  readonly injected: FaultToInject[] = [];
  readonly run = new AbortController();
  readonly faults: ActiveFaults;
  readonly live: UserFaults;
  /** Of the next ones, in the order in which they are injected. */
  readonly behaviours: Behaviour[] = [];

  constructor(seed = 'seed', whyNotBreak?: (service: string) => Promise<string | undefined>) {
    const append = (fact: JournalFact): void => void this.facts.push(fact);
    this.faults = new ActiveFaults({ clock: this.clock, append, signal: this.run.signal, injectTimeoutMs: 500, healTimeoutMs: 1_000 });
    this.live = new UserFaults({
      faults: this.faults,
      bench: { inject: (fault, signal) => this.#inject(fault, signal) },
      clock: this.clock,
      append,
      seed,
      hosts: () => ['business-1', 'control-1', 'reporting-1', 'reporting-2'],
      ...(whyNotBreak === undefined ? {} : { whyNotBreak }),
    });
    this.live.open();
  }

  /** Whatever comes of it, while time goes on. */
  async settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
    const settled = Promise.allSettled([promise]);
    await this.clock.advance(10_000);
    return (await settled)[0];
  }

  async #inject(fault: FaultToInject, signal: AbortSignal): Promise<InjectedFault> {
    const injected = await injectScripted({ ...this.behaviours.shift(), name: fault.name, affected: { unit: 'connections', count: 3 } }, this.clock, this.log, signal);
    this.injected.push(fault);
    return injected;
  }
}

const down = (target = 'redis', lengthMs?: number): LiveFaultRequest => ({ type: 'down', target, parameters: {}, ...(lengthMs === undefined ? {} : { lengthMs }) });

describe('faults injected by hand', () => {
  it('P02 P03 a fault is injected now, told as the user’s with its parameters read, and healed by its id', async () => {
    const bench = new Bench();
    const id = await bench.live.inject({ type: 'latency', target: 'redis', parameters: { latency: '1.5s' } });
    expect(id).toBe('latency-redis-user-1');
    expect(bench.live.active()).toEqual([id]);
    await bench.clock.advance(700);
    await bench.live.heal(id);
    expect(bench.live.active()).toEqual([]);
    expect(bench.log).toEqual(['+latency-redis-user-1-1@0', '-latency-redis-user-1-1@700']);
    expect(bench.facts).toEqual([
      { type: 'fault.injected', fault: id, fault_type: 'latency', target: 'redis', parameters: { latency: 1_500, jitter: 0, stream: 'downstream', toxicity: 1 }, occurrence: 1, by: 'user' },
      { type: 'fault.healed', fault: id, occurrence: 1, affected: 3, unit: 'connections', reason: 'user' },
    ]);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('P02 P03 one with a length says so and heals itself; healed before that, its timer is gone', async () => {
    const bench = new Bench();
    await bench.live.inject(down('redis', 250));
    const second = await bench.live.inject(down('kafka', 400));
    await bench.clock.advance(100);
    await bench.live.heal(second);
    await bench.clock.advance(1_000);
    expect(bench.log).toEqual(['+down-redis-user-1-1@0', '+down-kafka-user-2-1@0', '-down-kafka-user-2-1@100', '-down-redis-user-1-1@250']);
    expect(bench.facts[0]).toMatchObject({ type: 'fault.injected', lasts_ms: 250, by: 'user' });
    expect(bench.facts.flatMap((fact) => (fact.type === 'fault.healed' ? [`${fact.fault} ${fact.reason}`] : []))).toEqual(['down-kafka-user-2 user', 'down-redis-user-1 length']);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('P02 P03 healAll heals all in reverse order, and others may follow', async () => {
    const bench = new Bench();
    for (const target of ['redis', 'kafka', 'postgres']) await bench.live.inject(down(target));
    await bench.live.healAll();
    expect(bench.log.filter((line) => line.startsWith('-'))).toEqual(['-down-postgres-user-3-1@0', '-down-kafka-user-2-1@0', '-down-redis-user-1-1@0']);
    expect(await bench.live.inject(down())).toBe('down-redis-user-4');
    expect(bench.live.active()).toEqual(['down-redis-user-4']);
  });

  it('P02 P03 at the end they are healed in reverse order with those of the scenario, and none begins any more', async () => {
    const bench = new Bench();
    await bench.live.inject(down('redis'));
    const planned = bench.faults.begin({
      fault: 'latency-llm-1',
      occurrence: 1,
      momentary: false,
      inject: async () => ({ heal: async () => void bench.log.push('-latency-llm-1'), affected: async () => ({ unit: 'bytes', count: 1 }) }),
    });
    expect(await bench.faults.inject(planned)).toBeUndefined();
    await bench.live.inject(down('kafka'));
    await bench.faults.end('end');
    expect(bench.log.filter((line) => line.startsWith('-'))).toEqual(['-down-kafka-user-2-1@0', '-latency-llm-1', '-down-redis-user-1-1@0']);
    await expect(bench.live.inject(down())).rejects.toThrow('no fault can be injected any more');
    expect(bench.injected).toHaveLength(2);
    expect(bench.facts.filter(({ type }) => type === 'fault.healed')).toHaveLength(3);
  });

  it('P02 P03 what happens at once is over by itself, and holds up nothing', async () => {
    const bench = new Bench();
    bench.behaviours.push({ healMs: 400 });
    const id = await bench.live.inject({ type: 'kill', target: 'reporting-2', parameters: {} });
    expect(bench.live.active()).toEqual([id]);
    await bench.live.inject(down());
    await bench.clock.advance(500);
    expect(bench.live.active()).toEqual(['down-redis-user-2']);
    expect(bench.log).toEqual(['+kill-reporting-2-user-1-1@0', '-kill-reporting-2-user-1-1@0', '+down-redis-user-2-1@0']);
  });

  it('P02 P03 of a role one host is drawn by the seed and the number of the fault, unless the fault means them all', async () => {
    const draw = async (seed: string): Promise<string[]> => {
      const bench = new Bench(seed);
      for (let number = 1; number <= 12; number++) await bench.live.inject({ type: 'kill', target: 'reporting', parameters: {} });
      await bench.live.inject({ type: 'rolling-restart', target: 'reporting', parameters: {} });
      expect(bench.injected[0]?.name).toBe('kill-reporting-user-1-1');
      expect(bench.injected.at(-1)?.target).toBe('reporting');
      expect(new Set(bench.injected.map(({ rng }) => rng.next())).size).toBe(bench.injected.length);
      return bench.injected.slice(0, 12).map(({ target }) => target);
    };
    const targets = await draw('one');
    expect(new Set(targets)).toEqual(new Set(['reporting-1', 'reporting-2']));
    expect(await draw('one')).toEqual(targets);
    expect(await draw('two')).not.toEqual(targets);
  });

  it.each([
    ['a parameter that is missing', { type: 'latency', target: 'redis', parameters: {} }, '"latency" is missing'],
    ['a parameter of a wrong shape', { type: 'latency', target: 'redis', parameters: { latency: 'long' } }, '"latency" is no duration; write a number and its unit'],
    ['a parameter that there is not', { type: 'latency', target: 'redis', parameters: { latency: '1s', jiter: '1s' } }, '"jiter" means nothing here; did you mean "jitter"?'],
    ['an unknown fault', { type: 'latncy', target: 'redis', parameters: {} }, 'there is no fault "latncy"; did you mean "latency"?'],
    ['a target of another kind', { type: 'kill', target: 'redis', parameters: {} }, '"redis" is nothing that it can break'],
    ['a host that there is not', { type: 'kill', target: 'reporting-3', parameters: {} }, 'did you mean "reporting-1"?'],
    ['a fault that needs a target', { type: 'down', target: '', parameters: {} }, '"" is nothing that it can break'],
    ['a fault that precedes the hosts', { type: 'start-late', target: 'redis', parameters: {} }, 'it begins before the hosts are started; write it into a scenario'],
    ['a length of what happens at once', { type: 'kill', target: 'reporting-1', parameters: {}, lengthMs: 5 }, 'it happens at once and lasts no time'],
    ['a length of nothing', { type: 'down', target: 'redis', parameters: {}, lengthMs: 0 }, 'it cannot last 0 ms'],
  ])('P02 P03 %s is refused with the reason, and nothing is injected', async (_what, request, reason) => {
    const bench = new Bench();
    await expect(bench.live.inject(request)).rejects.toMatchObject({ name: 'FaultRefused', message: expect.stringContaining(reason) as string });
    expect(bench.injected).toEqual([]);
    expect(bench.facts).toEqual([]);
    expect(bench.live.count).toBe(0);
  });

  it('P02 P03 nothing is injected before the fleet is ready, nor into a service that must not be broken', async () => {
    const guarded = new Bench('seed', async (service) => (service === 'redis' ? 'cache.example is not on this machine' : undefined));
    await expect(guarded.live.inject(down('redis'))).rejects.toThrow('down cannot be injected: cache.example is not on this machine');
    expect(await guarded.live.inject(down('kafka'))).toBe('down-kafka-user-1');
    expect(await guarded.live.inject({ type: 'kill', target: 'reporting-1', parameters: {} })).toBe('kill-reporting-1-user-2');
    const { faults } = guarded;
    const unready = new UserFaults({ faults, bench: { inject: () => Promise.reject(new Error('not to be called')) }, clock: guarded.clock, append: () => undefined, seed: '', hosts: () => [] });
    await expect(unready.inject(down())).rejects.toThrow('the fleet is being started');
  });

  it('P02 P03 a fault without a choice of targets needs none', async () => {
    const bench = new Bench();
    expect(await bench.live.inject({ type: 'redis-flushed', target: '', parameters: {} })).toBe('redis-flushed-redis-user-1');
    expect(bench.injected[0]?.target).toBe('redis');
  });

  it('P02 P03 one that cannot be injected, healed or counted is told, rejects where it was to be injected, and the others go on', async () => {
    const bench = new Bench();
    bench.behaviours.push({ fails: 'inject' }, { fails: 'heal' }, { fails: 'count' }, { injectMs: 900, deaf: true });
    await expect(bench.live.inject(down('redis'))).rejects.toThrow('cannot be injected');
    const [second, third] = [await bench.live.inject(down('redis')), await bench.live.inject(down('kafka'))];
    await bench.live.heal(second);
    await bench.live.heal(third);
    const slow = await bench.settled(bench.live.inject(down('llm')));
    expect(slow).toMatchObject({ status: 'rejected', reason: { message: 'the fault could not be injected within 500 ms' } });
    expect(bench.log.slice(-2)).toEqual(['+down-llm-user-4-1@900', '-down-llm-user-4-1@900']);
    expect(bench.live.active()).toEqual([]);
    expect(bench.facts.flatMap((fact) => (fact.type === 'fault.failed' ? [`${fact.fault} ${fact.phase}: ${fact.detail}`] : []))).toEqual([
      'down-redis-user-1 inject: cannot be injected',
      'down-redis-user-2 heal: cannot be healed',
      'down-kafka-user-3 heal: what it touched is not known: cannot be counted',
      'down-llm-user-4 inject: the fault could not be injected within 500 ms',
    ]);
    await expect(bench.live.heal(second)).rejects.toThrow('no fault down-redis-user-2 was injected by hand and is at work; there is none');
  });

  const behaviour = fc.record(
    { injectMs: fc.integer({ min: 1, max: 800 }), healMs: fc.integer({ min: 1, max: 300 }), fails: fc.constantFrom('inject' as const, 'heal' as const, 'count' as const), deaf: fc.boolean() },
    { requiredKeys: [] },
  );
  const step = fc.oneof(
    fc.record({ do: fc.constant('inject' as const), type: fc.constantFrom('down', 'kill'), lengthMs: fc.option(fc.integer({ min: 1, max: 600 })), behaviour }),
    fc.record({ do: fc.constant('heal' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('healAll' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ do: fc.constant('end' as const), reason: fc.constantFrom('end' as const, 'interrupted' as const) }),
  );

  it('P02 P03 whatever is injected, healed and ended in whatever order: every fault that was injected is healed once, and nothing stays', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const bench = new Bench();
        const calls: Promise<unknown>[] = [];
        const attempt = (call: Promise<unknown>): void => void calls.push(Promise.allSettled([call]));
        for (const each of steps) {
          if (each.do === 'wait') await bench.clock.advance(each.ms);
          else if (each.do === 'inject') {
            bench.behaviours.push(each.behaviour);
            const target = each.type === 'kill' ? 'reporting' : 'redis';
            attempt(bench.live.inject({ type: each.type, target, parameters: {}, ...(each.lengthMs === null || each.type === 'kill' ? {} : { lengthMs: each.lengthMs }) }));
          } else if (each.do === 'heal') attempt(bench.live.heal(bench.live.active()[each.which] ?? 'none'));
          else if (each.do === 'healAll') attempt(bench.live.healAll());
          else {
            if (each.reason === 'interrupted') bench.run.abort(new Error('SIGINT'));
            attempt(bench.faults.end(each.reason));
          }
        }
        const settled = Promise.all([...calls, bench.faults.end('end')]);
        await bench.clock.advance(60_000);
        await settled;
        const named = (sign: string): string[] => bench.log.filter((line) => line.startsWith(sign)).map((line) => line.slice(1, line.indexOf('@')));
        expect(named('-').toSorted()).toEqual(named('+').toSorted());
        expect(new Set(named('+')).size).toBe(named('+').length);
        const told = bench.facts.flatMap((fact) => (fact.type === 'fault.injected' ? [fact.fault] : []));
        const over = bench.facts.flatMap((fact) => (fact.type === 'fault.healed' || (fact.type === 'fault.failed' && fact.phase === 'heal' && !fact.detail.startsWith('what it touched')) ? [fact.fault] : []));
        for (const fault of told) expect(over.filter((other) => other === fault)).toHaveLength(1);
        expect(bench.live.active()).toEqual([]);
        expect(bench.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
