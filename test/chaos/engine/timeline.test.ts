import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InjectedFault } from '../../../src/chaos/faults/fault.ts';
import { ActiveFaults } from '../../../src/chaos/engine/active-faults.ts';
import { ControlEvents } from '../../../src/chaos/engine/control-events.ts';
import type { PlannedOccurrence } from '../../../src/chaos/engine/fault-plan.ts';
import { Timeline } from '../../../src/chaos/engine/timeline.ts';
import type { Length, Start } from '../../../src/chaos/scenario/scenario.ts';
import type { FaultInjected, JournalEvent, JournalFact } from '../../../src/journal/events.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { injectScripted, type Behaviour } from './scripted-fault.ts';

interface Given extends Behaviour {
  readonly id: string;
  readonly start: Start;
  readonly length?: Length;
  readonly repeat?: { readonly times: number; readonly everyMs: number };
  readonly target?: string;
  readonly happens?: boolean;
  readonly momentary?: boolean;
}

/** A timeline under virtual time, and a line for everything that it did: `+a1@100` injected, `-a1@300` healed. */
class Bench {
  readonly clock = new VirtualClock();
  readonly log: string[] = [];
  readonly facts: JournalFact[] = [];
  readonly timeline: Timeline;
  readonly run = new AbortController();
  readonly #given: ReadonlyMap<string, Given>;

  constructor(given: readonly Given[], control = false) {
    const stand = new ControlEvents();
    this.#given = new Map(given.map((each) => [each.id, each]));
    const append = (fact: JournalFact): void => {
      this.facts.push(fact);
      this.timeline.onEvent(fact as JournalEvent);
    };
    this.timeline = new Timeline({
      occurrences: given.flatMap((each) => Array.from({ length: 1 + (each.repeat?.times ?? 0) }, (_, index) => planned(each, index + 1))),
      clock: this.clock,
      append,
      faults: new ActiveFaults({ clock: this.clock, append, signal: this.run.signal, injectTimeoutMs: 500, healTimeoutMs: 1_000 }),
      inject: (occurrence, target, signal) => this.#inject(occurrence, target, signal),
      isMomentary: ({ fault }) => this.#of(fault.id).momentary === true,
      counts: (event) => !('job_id' in event && event.job_id === 'not-counted'),
      ...(control ? { standsFor: (event) => stand.standsFor(event) } : {}),
    });
  }

  event(type: string, more: object = {}): void {
    this.timeline.onEvent({ type, ...more } as unknown as JournalEvent);
  }

  /** Ends while time goes on. */
  async end(reason: 'end' | 'interrupted'): Promise<void> {
    const ended = this.timeline.end(reason);
    await this.clock.advance(20_000);
    await ended;
  }

  of(type: JournalFact['type']): JournalFact[] {
    return this.facts.filter((fact) => fact.type === type);
  }

  #of(id: string): Given {
    const given = this.#given.get(id);
    if (given === undefined) throw new Error(id);
    return given;
  }

  #inject({ fault, occurrence }: PlannedOccurrence, target: string, signal: AbortSignal): Promise<InjectedFault> {
    const where = target === '' ? '' : `→${target}`;
    return injectScripted({ ...this.#of(fault.id), name: `${fault.id}${occurrence}`, where, affected: { unit: 'bytes', count: 7 } }, this.clock, this.log, signal);
  }
}

function planned({ id, start, length = { kind: 'rest' }, repeat, target = '', happens = true }: Given, occurrence: number): PlannedOccurrence {
  const fault = { id, type: id, target, parameters: {}, start, length, probability: happens ? 1 : 0.5, ...(repeat === undefined ? {} : { repeat }) };
  return { fault, occurrence, target, happens, draw: happens ? null : 0.75 };
}

const at = (atMs: number): Start => ({ kind: 'at', atMs });
const after = (event: string, count = 1): Start => ({ kind: 'after', event, count });
const lasts = (forMs: number): Length => ({ kind: 'for', forMs });
const until = (event: string, count = 1): Length => ({ kind: 'until', event, count });

describe('timeline', () => {
  it('P02 at and for: begins and ends by the clock, counted from the beginning of the jobs', async () => {
    const bench = new Bench([{ id: 'a', start: at(100), length: lasts(250) }]);
    await bench.clock.advance(1_000);
    expect(bench.log).toEqual([]);
    bench.timeline.begin();
    await bench.clock.advance(400);
    expect(bench.log).toEqual(['+a1@1100', '-a1@1350']);
    expect(bench.facts).toEqual([
      { type: 'fault.injected', fault: 'a', fault_type: 'a', target: '', parameters: {}, occurrence: 1, lasts_ms: 250 },
      { type: 'fault.healed', fault: 'a', occurrence: 1, affected: 7, unit: 'bytes', reason: 'length' },
    ]);
    await bench.end('end');
    expect(bench.facts).toHaveLength(2);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('P02 tells beforehand how long a fault will last, where that is known: also of one that precedes the hosts, of none that an event ends, the run ends, or that is over at once', async () => {
    const bench = new Bench([
      { id: 'early', start: { kind: 'before-fleet' }, length: lasts(700) },
      { id: 'timed', start: at(10), length: lasts(250) },
      { id: 'awaited', start: at(20), length: until('job.reported') },
      { id: 'rest', start: at(30) },
      { id: 'momentary', start: at(40), length: lasts(99), momentary: true },
    ]);
    await bench.timeline.precede();
    bench.timeline.begin();
    await bench.clock.advance(1_000);
    await bench.end('end');
    expect(bench.of('fault.injected').map((fact) => [(fact as FaultInjected).fault, (fact as FaultInjected).lasts_ms])).toEqual([
      ['early', 700],
      ['timed', 250],
      ['awaited', undefined],
      ['rest', undefined],
      ['momentary', undefined],
    ]);
  });

  it('P02 after and until: counts events from the beginning, and from the injection', async () => {
    const bench = new Bench([{ id: 'a', start: after('checkpoint.saved', 2), length: until('job.reported', 2) }]);
    bench.event('checkpoint.saved');
    bench.timeline.begin();
    bench.event('checkpoint.saved');
    bench.event('checkpoint.saved', { job_id: 'not-counted' });
    bench.event('job.reported');
    await bench.clock.advance(10);
    expect(bench.log).toEqual([]);
    bench.event('checkpoint.saved');
    await bench.clock.advance(10);
    expect(bench.log).toEqual(['+a1@10']);
    bench.event('job.reported');
    await bench.clock.advance(10);
    expect(bench.log).toHaveLength(1);
    bench.event('job.reported');
    await bench.clock.advance(10);
    expect(bench.log).toEqual(['+a1@10', '-a1@30']);
  });

  it('P02 D11 in a control run, what stands in for an event begins and ends faults like the event itself, on its host', async () => {
    const bench = new Bench([{ id: 'a', start: after('checkpoint.saved', 2), length: until('checkpoint.resumed'), target: 'event-host' }], true);
    const report = (type: string, host: string, more: object = {}): void => bench.event(type, { operation: 'report', job_id: 'j', host, ...more });
    bench.timeline.begin();
    report('agent.started', 'one');
    for (const section of ['data_analysis', 'recommendations']) report('agent.thinking', 'one', { section });
    await bench.clock.advance(10);
    expect(bench.log).toEqual([]);
    report('agent.thinking', 'one', { section: 'summary' });
    await bench.clock.advance(10);
    expect(bench.log).toEqual(['+a1@10→one']);
    report('agent.started', 'two');
    await bench.clock.advance(10);
    expect(bench.log).toEqual(['+a1@10→one', '-a1@20']);
  });

  it('P02 an event that the injection itself brings about ends it already', async () => {
    const bench = new Bench([{ id: 'a', start: at(0), length: until('dependency.changed'), injectMs: 100 }]);
    bench.timeline.begin();
    await bench.clock.advance(50);
    bench.event('dependency.changed');
    await bench.clock.advance(100);
    expect(bench.log).toEqual(['+a1@100', '-a1@100']);
  });

  it('P02 repeat: each time begins so long after the one before', async () => {
    const bench = new Bench([{ id: 'a', start: after('job.accepted'), length: lasts(50), repeat: { times: 2, everyMs: 200 } }]);
    bench.timeline.begin();
    bench.event('job.accepted');
    await bench.clock.advance(1_000);
    expect(bench.log).toEqual(['+a1@0', '-a1@50', '+a2@200', '-a2@250', '+a3@400', '-a3@450']);
  });

  it('P02 faults overlap, and what is left at the end is healed in reverse order', async () => {
    const bench = new Bench([
      { id: 'a', start: at(0) },
      { id: 'b', start: at(10), length: lasts(1_000) },
      { id: 'c', start: at(20), length: lasts(30) },
      { id: 'd', start: at(30), length: until('job.reported') },
    ]);
    bench.timeline.begin();
    await bench.clock.advance(100);
    await bench.end('end');
    expect(bench.log.map((line) => line.slice(0, 2))).toEqual(['+a', '+b', '+c', '+d', '-c', '-d', '-b', '-a']);
    expect(bench.of('fault.healed').map((fact) => fact.type === 'fault.healed' && fact.reason)).toEqual(['length', 'end', 'end', 'end']);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('P02 probability: what the draw decided against is told and not done', async () => {
    const bench = new Bench([{ id: 'a', start: at(0), happens: false }]);
    bench.timeline.begin();
    await bench.clock.advance(10);
    await bench.end('end');
    expect(bench.log).toEqual([]);
    expect(bench.facts).toEqual([{ type: 'fault.skipped', fault: 'a', occurrence: 1, probability: 0.5, draw: 0.75 }]);
  });

  it('P02 a fault before the fleet is at work before the jobs begin, and its time counts from there', async () => {
    const bench = new Bench([{ id: 'a', start: { kind: 'before-fleet' }, length: lasts(100) }]);
    await bench.timeline.precede();
    expect(bench.log).toEqual(['+a1@0']);
    await bench.clock.advance(5_000);
    bench.timeline.begin();
    await bench.clock.advance(200);
    expect(bench.log).toEqual(['+a1@0', '-a1@5100']);
  });

  it('P02 one that happens at once is healed at once, and does not hold up the next', async () => {
    const bench = new Bench([
      { id: 'a', start: at(0), momentary: true, healMs: 300 },
      { id: 'b', start: at(10), length: lasts(20) },
    ]);
    bench.timeline.begin();
    await bench.clock.advance(100);
    expect(bench.log).toEqual(['+a1@0', '-a1@0', '+b1@10', '-b1@30']);
    await bench.end('end');
    expect(bench.of('fault.healed')).toHaveLength(2);
  });

  it('P02 event-host is the host whose event the fault began after', async () => {
    const bench = new Bench([
      { id: 'a', start: after('checkpoint.saved'), target: 'event-host' },
      { id: 'b', start: after('job.accepted'), target: 'event-host' },
    ]);
    bench.timeline.begin();
    bench.event('checkpoint.saved', { host: 'reporting-2' });
    bench.event('job.accepted');
    await bench.clock.advance(10);
    expect(bench.log).toEqual(['+a1@0→reporting-2']);
    expect(bench.of('fault.failed')).toEqual([{ type: 'fault.failed', fault: 'b', phase: 'start', detail: expect.stringContaining('no host') as string }]);
  });

  it('P02 one whose start never came is told at the end, but not after an interruption', async () => {
    const given: Given[] = [
      { id: 'a', start: after('checkpoint.saved', 3) },
      { id: 'b', start: at(9_000) },
    ];
    const bench = new Bench(given);
    bench.timeline.begin();
    bench.event('checkpoint.saved');
    await bench.end('end');
    expect(bench.of('fault.failed')).toEqual([
      { type: 'fault.failed', fault: 'a', phase: 'start', detail: 'its start never came: checkpoint.saved was seen 1 of 3 times' },
      { type: 'fault.failed', fault: 'b', phase: 'start', detail: 'its start never came: the jobs were done before' },
    ]);
    const interrupted = new Bench(given);
    interrupted.timeline.begin();
    await interrupted.timeline.end('interrupted');
    expect(interrupted.facts).toEqual([]);
    expect(interrupted.clock.pendingTimers).toBe(0);
  });

  it('P02 one that cannot be injected, healed or counted is told, and the others go on', async () => {
    const bench = new Bench([
      { id: 'a', start: at(0), fails: 'inject' },
      { id: 'b', start: at(0), fails: 'heal' },
      { id: 'c', start: at(0), fails: 'count' },
      { id: 'd', start: at(0) },
    ]);
    bench.timeline.begin();
    await bench.clock.advance(10);
    await bench.end('end');
    expect(bench.log.map((line) => line.slice(0, 2))).toEqual(['+b', '+c', '+d', '-d', '-c', '-b']);
    expect(bench.of('fault.failed')).toEqual([
      { type: 'fault.failed', fault: 'a', phase: 'inject', detail: 'cannot be injected' },
      { type: 'fault.failed', fault: 'c', phase: 'heal', detail: 'what it touched is not known: cannot be counted' },
      { type: 'fault.failed', fault: 'b', phase: 'heal', detail: 'cannot be healed' },
    ]);
    expect(bench.of('fault.healed').map((fact) => fact.type === 'fault.healed' && [fact.fault, fact.affected])).toEqual([
      ['d', 7],
      ['c', null],
    ]);
  });

  it('P02 an injection that heeds no signal is given up in time, and healed when it comes about after all', async () => {
    const bench = new Bench([{ id: 'a', start: at(0), injectMs: 900, deaf: true }]);
    bench.timeline.begin();
    await bench.clock.advance(600);
    expect(bench.of('fault.failed')).toEqual([{ type: 'fault.failed', fault: 'a', phase: 'inject', detail: 'the fault could not be injected within 500 ms' }]);
    await bench.clock.advance(400);
    expect(bench.log).toEqual(['+a1@900', '-a1@900']);
    await bench.end('end');
  });

  it('P02 interrupted while it injects: the injection is given up, what was injected is healed', async () => {
    const bench = new Bench([
      { id: 'a', start: at(0) },
      { id: 'b', start: at(10), injectMs: 300 },
      { id: 'c', start: at(20) },
    ]);
    bench.timeline.begin();
    await bench.clock.advance(100);
    await bench.end('interrupted');
    expect(bench.log.map((line) => line.slice(0, 2))).toEqual(['+a', '-a']);
    expect(bench.of('fault.failed')).toEqual([]);
  });

  it('F12 interrupted while hosts are restarted: that is not waited for, what lasts is healed all the same', async () => {
    const bench = new Bench([
      { id: 'a', start: at(0), healMs: 100 },
      { id: 'b', start: at(10), momentary: true, healMs: 900 },
    ]);
    bench.timeline.begin();
    await bench.clock.advance(50);
    bench.run.abort(new Error('SIGINT'));
    const ended = bench.timeline.end('interrupted');
    await bench.clock.advance(100);
    await ended;
    expect(bench.log).toEqual(['+a1@0', '+b1@10', '-b1@10', '-a1@50']);
    expect(bench.of('fault.healed').map((fact) => fact.type === 'fault.healed' && [fact.fault, fact.reason])).toEqual([
      ['b', 'interrupted'],
      ['a', 'interrupted'],
    ]);
    expect(bench.of('fault.failed')).toEqual([]);
  });

  const given = fc.record(
    {
      start: fc.oneof(
        fc.integer({ min: 0, max: 800 }).map(at),
        fc.record({ event: fc.constantFrom('job.reported', 'checkpoint.saved'), count: fc.integer({ min: 1, max: 3 }) }).map(({ event, count }) => after(event, count)),
        fc.constant<Start>({ kind: 'before-fleet' }),
      ),
      length: fc.oneof(
        fc.integer({ min: 1, max: 600 }).map(lasts),
        fc.record({ event: fc.constantFrom('job.reported', 'checkpoint.saved'), count: fc.integer({ min: 1, max: 3 }) }).map(({ event, count }) => until(event, count)),
        fc.constant<Length>({ kind: 'rest' }),
      ),
      momentary: fc.boolean(),
      happens: fc.boolean(),
      injectMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 800 })),
      healMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 })),
      fails: fc.constantFrom('inject' as const, 'heal' as const, 'count' as const),
      deaf: fc.boolean(),
      repeat: fc.record({ times: fc.integer({ min: 1, max: 2 }), everyMs: fc.integer({ min: 700, max: 900 }) }),
    },
    { requiredKeys: ['start'] },
  );
  const step = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom('job.reported', 'checkpoint.saved'));

  it('P02 whatever the timeline and wherever it is cut off: every fault that was injected is healed once, those left at the end in reverse order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(given, { minLength: 1, maxLength: 5 }), fc.array(step, { maxLength: 12 }), fc.constantFrom('end' as const, 'interrupted' as const), async (faults, steps, reason) => {
        const bench = new Bench(faults.map((fault, index) => ({ ...fault, id: String.fromCharCode(97 + index) })));
        // Time goes on while the faults before the fleet are injected.
        const preceded = bench.timeline.precede();
        await bench.clock.advance(5_000);
        await preceded;
        bench.timeline.begin();
        for (const each of steps) {
          if (typeof each === 'number') await bench.clock.advance(each);
          else bench.event(each);
        }
        const before = bench.log.length;
        const open = openFaults(bench.log);
        await bench.end(reason);
        await bench.clock.advance(5_000);
        const injected = bench.log.filter((line) => line.startsWith('+')).map(nameOf);
        const healed = bench.log.filter((line) => line.startsWith('-')).map(nameOf);
        expect(healed.toSorted()).toEqual(injected.toSorted());
        expect(new Set(healed).size).toBe(healed.length);
        const ending = bench.log.slice(before).filter((line) => line.startsWith('-')).map(nameOf).filter((name) => open.includes(name));
        // Those that were healing already when the end came are not turned round.
        expect(ending).toEqual(open.toReversed().filter((name) => ending.includes(name)));
        expect(bench.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

function nameOf(line: string): string {
  return line.slice(1, line.indexOf('@'));
}

function openFaults(log: readonly string[]): string[] {
  const open = log.filter((line) => line.startsWith('+')).map(nameOf);
  return open.filter((name) => !log.some((line) => line.startsWith(`-${name}@`)));
}
