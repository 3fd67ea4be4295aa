import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { InstalledToxic } from '../../../../src/infra/embedded/toxiproxy/installed-toxic.ts';
import { Stage, type Receiver, type Sender } from '../../../../src/infra/embedded/toxiproxy/stage.ts';
import type { Chunk, End } from '../../../../src/infra/embedded/toxiproxy/toxics/define-toxic.ts';
import { findToxic } from '../../../../src/infra/embedded/toxiproxy/toxics/index.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';

/** What comes out of a stage and when, with room for as many chunks as the test says. */
class Outlet implements Receiver {
  readonly out: { atMs: number; text: string }[] = [];
  end: { atMs: number; how: End } | undefined;
  room = Number.POSITIVE_INFINITY;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get full(): boolean {
    return this.room <= 0;
  }

  get text(): string {
    return this.out.map(({ text }) => text).join('');
  }

  receive(chunk: Chunk): void {
    this.room -= 1;
    this.out.push({ atMs: this.#clock.monotonicMs(), text: chunk.data.toString() });
  }

  finish(how: End): void {
    this.end = { atMs: this.#clock.monotonicMs(), how };
  }
}

function build(type: string, attributes: Record<string, number> = {}, more: { toxicity?: number; sender?: Sender; seed?: number } = {}) {
  const toxic = findToxic(type);
  if (toxic === undefined) throw new Error(`no toxic ${type}`);
  const clock = new VirtualClock();
  const outlet = new Outlet(clock);
  const defaults = Object.fromEntries(Object.keys(toxic.attributes).map((name) => [name, 0]));
  const installed = new InstalledToxic({ name: 't', toxic, stream: 'upstream', direction: 'upstream', toxicity: more.toxicity ?? 1, attributes: { ...defaults, ...attributes } });
  const sender = more.sender ?? { roomAvailable: () => undefined };
  const stage = new Stage({ installed, clock, rng: createRng(more.seed ?? 1), sender, next: outlet, cutSparedWhenRemoved: false });
  stage.start();
  const give = (text: string): void => stage.receive({ data: Buffer.from(text), atMs: clock.monotonicMs() });
  return { clock, outlet, installed, stage, give };
}

describe('timing, to the millisecond', () => {
  test('P01 latency: sent at 0 and 50, arrived at 200 and 250, the end behind them', async () => {
    const { clock, outlet, stage, give } = build('latency', { latency: 200 });
    give('a');
    await clock.advance(50);
    give('b');
    stage.finish('eof');
    await clock.advance(1000);
    expect(outlet.out).toEqual([{ atMs: 200, text: 'a' }, { atMs: 250, text: 'b' }]);
    expect(outlet.end).toEqual({ atMs: 250, how: 'eof' });
  });

  test('P01 latency takes 1,024 chunks before it holds the sender back', () => {
    const { stage, give } = build('latency', { latency: 200 });
    // The first is in the pipe's hands, not in the queue.
    for (let index = 0; index < 1024; index++) give('x');
    expect(stage.full).toBe(false);
    give('x');
    expect(stage.full).toBe(true);
  });

  test('P01 jitter is uniform over whole milliseconds of [latency − jitter, latency + jitter)', async () => {
    const { clock, outlet, give } = build('latency', { latency: 10, jitter: 3 });
    const seen = new Set<number>();
    for (let index = 0; index < 200; index++) {
      const startMs = clock.monotonicMs();
      give('x');
      await clock.advance(20);
      seen.add((outlet.out.at(-1)?.atMs ?? 0) - startMs);
    }
    expect([...seen].toSorted((left, right) => left - right)).toEqual([7, 8, 9, 10, 11, 12]);
  });

  test('P01 bandwidth: 5,000 bytes at 10 KB/s leave at 100, 200, 300, 400, 500', async () => {
    const { clock, outlet, give } = build('bandwidth', { rate: 10 });
    give('x'.repeat(5000));
    await clock.advance(2000);
    expect(outlet.out.map(({ atMs, text }) => [atMs, text.length])).toEqual([100, 200, 300, 400, 500].map((atMs) => [atMs, 1000]));
  });

  test('P01 bandwidth takes the time of the bytes, whatever the chunks', async () => {
    const { clock, outlet, give } = build('bandwidth', { rate: 1 });
    for (let index = 0; index < 10; index++) give('x'.repeat(25));
    await clock.advance(240);
    expect(outlet.text).toHaveLength(225);
    await clock.advance(10);
    expect(outlet.text).toHaveLength(250);
  });

  test('P01 slicer: 40 bytes at 10 leave at once and then every delay', async () => {
    const { clock, outlet, give } = build('slicer', { average_size: 10, delay: 2000 });
    give('0123456789abcdefghij0123456789abcdefghij');
    await clock.advance(100);
    expect(outlet.out).toEqual([
      { atMs: 0, text: '0123456789' },
      { atMs: 2, text: 'abcdefghij' },
      { atMs: 4, text: '0123456789' },
      { atMs: 6, text: 'abcdefghij' },
    ]);
  });

  test('P01 slicer adds delays below a millisecond up', async () => {
    const { clock, outlet, give } = build('slicer', { average_size: 1, delay: 250 });
    give('0123456789abcdef');
    await clock.advance(100);
    expect(outlet.out.at(-1)?.atMs).toBe(3);
    expect(outlet.text).toBe('0123456789abcdef');
  });

  test('P01 timeout: 150 ms from the last chunk, which traffic every 60 ms puts off', async () => {
    const { clock, outlet, give } = build('timeout', { timeout: 150 });
    for (let index = 0; index < 5; index++) {
      give('x');
      await clock.advance(60);
    }
    await clock.advance(89);
    expect(outlet.end).toBeUndefined();
    await clock.advance(1);
    expect(outlet.end).toEqual({ atMs: 390, how: 'close' });
    expect(outlet.text).toBe('');
  });

  test('P01 slow_close holds only the end, reset_peer acts after the first chunk', async () => {
    const slow = build('slow_close', { delay: 200 });
    slow.give('a');
    slow.stage.finish('eof');
    await slow.clock.advance(300);
    expect([slow.outlet.text, slow.outlet.end]).toEqual(['a', { atMs: 200, how: 'eof' }]);
    const reset = build('reset_peer', { timeout: 70 });
    await reset.clock.advance(500);
    reset.give('a');
    await reset.clock.advance(500);
    expect([reset.outlet.text, reset.outlet.end]).toEqual(['', { atMs: 570, how: 'reset' }]);
  });

  test('P01 a timer that fires early is set again', async () => {
    const { clock, outlet, give } = build('latency', { latency: 10 });
    const real = clock.monotonicMs.bind(clock);
    let lagMs = 0;
    clock.monotonicMs = () => real() - lagMs;
    give('x');
    lagMs = 0.4;
    await clock.advance(10);
    expect(outlet.text).toBe('');
    await clock.advance(1);
    expect(outlet.text).toBe('x');
  });
});

describe('interruptions', () => {
  test('P01 an update lets go the chunk in hand and applies to the next', async () => {
    const { clock, outlet, installed, stage, give } = build('latency', { latency: 1000 });
    give('a');
    give('b');
    installed.attributes = { latency: 30, jitter: 0 };
    stage.start();
    await clock.advance(100);
    expect(outlet.out).toEqual([{ atMs: 0, text: 'a' }, { atMs: 30, text: 'b' }]);
  });

  test('P01 a chunk that the receiver had no room for is kept through updates and retirement', () => {
    const { outlet, stage, give } = build('noop');
    outlet.room = 1;
    for (const text of ['a', 'b', 'c']) give(text);
    expect([outlet.text, stage.full]).toEqual(['a', true]);
    stage.start();
    let drained = false;
    stage.retire(() => {
      drained = true;
    });
    give('d');
    expect([outlet.text, drained]).toEqual(['a', false]);
    outlet.room = 10;
    stage.roomAvailable();
    expect([outlet.text, drained]).toEqual(['abcd', true]);
  });

  test('P01 the end waits for what is held, and is passed on by a retired stage', () => {
    const { outlet, stage, give } = build('latency', { latency: 1000 });
    give('a');
    stage.finish('eof');
    expect(outlet.end).toBeUndefined();
    stage.retire(() => undefined);
    expect([outlet.text, outlet.end?.how]).toEqual(['a', 'eof']);
  });

  test('P01 the sender is told as soon as there is room', async () => {
    let told = 0;
    const { clock, outlet, give } = build('bandwidth', { rate: 1 }, { sender: { roomAvailable: () => (told += 1) } });
    give('a');
    give('b');
    const before = told;
    await clock.advance(1);
    expect([outlet.text, told]).toEqual(['a', before + 1]);
  });

  test('P01 a destroyed stage leaves no timer and emits nothing', async () => {
    for (const type of ['latency', 'bandwidth', 'slow_close', 'timeout', 'reset_peer']) {
      const { clock, outlet, stage, give } = build(type, { latency: 50, rate: 1, delay: 50, timeout: 50 });
      give('a'.repeat(50));
      stage.finish('eof');
      const before = outlet.text;
      stage.destroy();
      expect(clock.pendingTimers).toBe(0);
      await clock.advance(1000);
      expect(outlet.text).toBe(before);
    }
  });

  test('P01 every start draws the toxicity', async () => {
    const { clock, outlet, stage, give } = build('timeout', { timeout: 0 }, { toxicity: 0.5, seed: 3 });
    let passed = 0;
    for (let index = 0; index < 400; index++) {
      stage.start();
      give('x');
      await Promise.resolve();
      passed = outlet.text.length;
    }
    expect(clock.pendingTimers).toBe(0);
    expect(passed).toBeGreaterThan(150);
    expect(passed).toBeLessThan(250);
  });

  test('P01 no order of chunks, full receivers, updates and removal loses, doubles or swaps a byte', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('give' as const), text: fc.string({ minLength: 1, maxLength: 60, unit: 'binary-ascii' }) }),
      fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 120 }) }),
      fc.record({ do: fc.constant('room' as const), room: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ do: fc.constant('update' as const) }),
      fc.record({ do: fc.constant('retire' as const) }),
    );
    const toxics = [
      { type: 'noop', attributes: {} },
      { type: 'latency', attributes: { latency: 40, jitter: 30 } },
      { type: 'bandwidth', attributes: { rate: 1 } },
      { type: 'bandwidth', attributes: { rate: 0 } },
      { type: 'slow_close', attributes: { delay: 70 } },
      { type: 'slicer', attributes: { average_size: 5, size_variation: 3, delay: 700 } },
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...toxics), fc.array(step, { maxLength: 25 }), async ({ type, attributes }, steps) => {
        const { clock, outlet, stage, give } = build(type, attributes);
        let sent = '';
        for (const each of steps) {
          if (each.do === 'give') {
            sent += each.text;
            give(each.text);
          } else if (each.do === 'advance') {
            await clock.advance(each.ms);
          } else if (each.do === 'room') {
            outlet.room = each.room;
            stage.roomAvailable();
          } else if (each.do === 'update') {
            stage.start();
          } else {
            stage.retire(() => undefined);
          }
          expect(sent.startsWith(outlet.text)).toBe(true);
        }
        stage.finish('eof');
        outlet.room = Number.POSITIVE_INFINITY;
        stage.retire(() => undefined);
        stage.roomAvailable();
        expect(outlet.text).toBe(sent);
        expect(outlet.end?.how).toBe('eof');
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
