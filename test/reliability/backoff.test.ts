import * as fc from 'fast-check';
import { ConstantBackoff, ExponentialBackoff, noJitterGenerator, type IBackoffFactory } from 'cockatiel';
import { describe, expect, test } from 'vitest';
import { MAX_TIMER_DELAY_MS } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import { backoffDelayMs, backoffStrategies, jitters, type BackoffSettings, type BackoffStrategyName, type JitterName } from '../../src/reliability/index.ts';

const strategyNames = Object.keys(backoffStrategies) as BackoffStrategyName[];
const jitterNames = Object.keys(jitters) as JitterName[];
const settings = (overrides: Partial<BackoffSettings> = {}): BackoffSettings => ({ strategy: 'exponential', baseDelayMs: 100, maxDelayMs: 20_000, multiplier: 2, jitter: 'none', jitterRange: 0.25, ...overrides });

function delays(overrides: Partial<BackoffSettings>, attempts: number, seed = 'x'): number[] {
  const rng = createRng(seed);
  const result: number[] = [];
  for (let attempt = 1; attempt <= attempts; attempt++) result.push(backoffDelayMs(settings(overrides), attempt, result.at(-1) ?? 0, rng));
  return result;
}

/** The first delays of a backoff of cockatiel. */
function theirs(factory: IBackoffFactory<unknown>): number[] {
  const series: number[] = [];
  for (let backoff = factory.next(undefined); series.length < 6; backoff = backoff.next(undefined)) series.push(backoff.duration);
  return series;
}

describe('strategies', () => {
  test('R02 there are the six strategies', () => {
    expect(strategyNames.toSorted()).toEqual(['decorrelated', 'exponential', 'fibonacci', 'fixed', 'linear', 'polynomial']);
  });

  test.each([
    ['fixed', [100, 100, 100, 100, 100, 100]],
    ['linear', [100, 200, 300, 400, 500, 600]],
    ['exponential', [100, 200, 400, 800, 1_600, 3_200]],
    ['fibonacci', [100, 100, 200, 300, 500, 800]],
    ['polynomial', [100, 400, 900, 1_600, 2_500, 3_600]],
  ] as const)('R02 %s without jitter gives its series', (strategy, series) => {
    expect(delays({ strategy }, 6)).toEqual(series);
  });

  test('R02 the multiplier is the base of the exponential and the degree of the polynomial', () => {
    expect(delays({ strategy: 'exponential', multiplier: 3 }, 4)).toEqual([100, 300, 900, 2_700]);
    expect(delays({ strategy: 'polynomial', multiplier: 3 }, 3)).toEqual([100, 800, 2_700]);
  });

  test('R02 decorrelated stays between the base and three times the previous wait', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const series = delays({ strategy: 'decorrelated' }, 20, seed);
        for (const [index, delay] of series.entries()) {
          expect(delay).toBeGreaterThanOrEqual(100);
          expect(delay).toBeLessThanOrEqual(Math.min(20_000, Math.max(100, 3 * (series[index - 1] ?? 0))));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('R02 constant and exponential agree with cockatiel', () => {
    expect(delays({ strategy: 'fixed' }, 6)).toEqual(theirs(new ConstantBackoff(100)));
    // cockatiel repeats the first delay once, with its default generator and with this one (`exponent` 2).
    const cockatiel = theirs(new ExponentialBackoff({ initialDelay: 100, maxDelay: 20_000, exponent: 2, generator: noJitterGenerator }));
    expect(cockatiel.slice(0, 4)).toEqual(delays({ strategy: 'exponential' }, 4));
  });
});

describe('bounds', () => {
  const anySettings = fc.record({
    strategy: fc.constantFrom(...strategyNames),
    jitter: fc.constantFrom(...jitterNames),
    baseDelayMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e12, noNaN: true })),
    maxDelayMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constant(Number.MAX_VALUE)),
    multiplier: fc.double({ min: 0, max: 1e6, noNaN: true }),
    jitterRange: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test('R03 every strategy with every jitter at every attempt is finite and within the cap', () => {
    fc.assert(
      fc.property(anySettings, fc.integer({ min: 1, max: 2 ** 31 }), fc.double({ min: 0, max: 1e12, noNaN: true }), fc.string(), (given, attempt, previous, seed) => {
        const delay = backoffDelayMs(given, attempt, previous, createRng(seed));
        expect(Number.isFinite(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(given.maxDelayMs, MAX_TIMER_DELAY_MS));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each(strategyNames.flatMap((strategy) => jitterNames.map((jitter) => [strategy, jitter] as const)))('R03 the mean of %s with %s jitter does not fall from one attempt to the next', (strategy, jitter) => {
    const rng = createRng('mean');
    const mean = (attempt: number): number => {
      let total = 0;
      for (let draw = 0; draw < 1_500; draw++) {
        let delay = 0;
        if (strategy === 'decorrelated') for (let step = 1; step <= attempt; step++) delay = backoffDelayMs(settings({ strategy, jitter }), step, delay, rng);
        else delay = backoffDelayMs(settings({ strategy, jitter }), attempt, 0, rng);
        total += delay;
      }
      return total / 1_500;
    };
    // With jitter on top of it, decorrelated forgets what it grew from; its mean is then level, not rising.
    const slack = strategy === 'decorrelated' ? 0.8 : 0.95;
    for (let attempt = 2; attempt <= 7; attempt++) expect(mean(attempt)).toBeGreaterThanOrEqual(mean(attempt - 1) * slack);
  });

  test.each([
    ['none', 1_000, 1_000],
    ['full', 0, 1_000],
    ['equal', 500, 1_000],
    ['proportional', 750, 1_250],
  ] as const)('R03 %s jitter fills its range and no more', (jitter, low, high) => {
    const rng = createRng('range');
    const drawn = Array.from({ length: 5_000 }, () => backoffDelayMs(settings({ strategy: 'fixed', baseDelayMs: 1_000, jitter }), 1, 0, rng));
    const width = high - low;
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(low);
    expect(Math.min(...drawn)).toBeLessThanOrEqual(low + width * 0.01);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(high);
    expect(Math.max(...drawn)).toBeGreaterThanOrEqual(high - width * 0.01);
  });

  test('R03 the range of proportional jitter can be set', () => {
    const rng = createRng('range');
    const drawn = Array.from({ length: 2_000 }, () => backoffDelayMs(settings({ strategy: 'fixed', baseDelayMs: 1_000, jitter: 'proportional', jitterRange: 0.1 }), 1, 0, rng));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1_100);
  });

  test('R02 the same seed gives the same delays, another seed others', () => {
    expect(delays({ jitter: 'full' }, 10, 'a')).toEqual(delays({ jitter: 'full' }, 10, 'a'));
    expect(delays({ jitter: 'full' }, 10, 'a')).not.toEqual(delays({ jitter: 'full' }, 10, 'b'));
  });
});
