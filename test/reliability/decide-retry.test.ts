import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { RetryHandler, type RetryConfig, type RetryNotice } from '../../src/reliability/index.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';
import { failing, systemError, watch } from './helpers.ts';

function handler(config: Partial<RetryConfig>, idempotent = true) {
  const clock = new VirtualClock();
  const hookErrors: unknown[] = [];
  return { clock, hookErrors, handler: new RetryHandler({ clock, rng: createRng('x'), config: { jitter: 'none', budget: false, ...config }, idempotent, onHookError: (error) => hookErrors.push(error) }) };
}

async function run(config: Partial<RetryConfig>, makeError: () => Error, idempotent = true) {
  const made = handler(config, idempotent);
  const operation = failing(Infinity, 0, makeError);
  const outcome = watch(made.handler.execute(operation));
  await made.clock.advance(600_000);
  expect(outcome.settled).toBe(true);
  return { ...made, calls: operation.calls, error: outcome.error };
}

const status = (code: number, headers: Record<string, string> = {}): Error => Object.assign(new Error(`status ${code}`), { status: code, headers: new Headers(headers) });

function hostile(): never {
  throw new Error('a hook or matcher that is broken');
}

/** Async functions fit where nothing is awaited. */
const rejecting = (() => Promise.reject(new Error('an async hook'))) as unknown as () => void;

async function delaysFor(headers: Record<string, string>, config: Partial<RetryConfig> = {}) {
  const delays: number[] = [];
  const { calls } = await run({ maxAttempts: 2, baseDelayMs: 100, totalTimeoutMs: Infinity, ...config, onRetry: ({ delayMs }) => delays.push(delayMs) }, () => status(429, headers));
  return { delays, calls };
}

describe('what is retried', () => {
  test.each([
    ['a refused connection', () => systemError('ECONNREFUSED'), true, 3],
    ['a refused connection of a write', () => systemError('ECONNREFUSED'), false, 3],
    ['a broken connection of a read', () => systemError('ECONNRESET'), true, 3],
    ['a broken connection of a write: it may have been carried out', () => systemError('ECONNRESET'), false, 1],
    ['a bad request', () => status(400), true, 1],
    ['an overloaded server', () => status(503), false, 3],
    ['a crashed request of a write', () => status(500), false, 1],
    ['a programming error', () => new TypeError('x is undefined'), true, 1],
    ['an error that nobody knows, of a read', () => new Error('hm'), true, 3],
    ['an error that nobody knows, of a write', () => new Error('hm'), false, 1],
    ['a cancelled operation', () => new DOMException('gone', 'AbortError'), true, 1],
  ])('R04 %s', async (_what, makeError, idempotent, calls) => {
    expect((await run({ maxAttempts: 3 }, makeError, idempotent)).calls).toBe(calls);
  });

  test('R04 named errors are retried or not whatever their class says; "not" wins', async () => {
    expect((await run({ retryableErrors: ['E_ODD'] }, () => Object.assign(new TypeError('x'), { code: 'E_ODD' }))).calls).toBe(3);
    expect((await run({ retryableErrors: [(error) => error instanceof TypeError] }, () => new TypeError('x'))).calls).toBe(3);
    expect((await run({ nonRetryableErrors: ['ECONNREFUSED'] }, () => systemError('ECONNREFUSED'))).calls).toBe(1);
    expect((await run({ retryableErrors: ['ECONNREFUSED'], nonRetryableErrors: ['ECONNREFUSED'] }, () => systemError('ECONNREFUSED'))).calls).toBe(1);
    expect((await run({ retryableErrors: [hostile] }, () => new TypeError('x'))).calls).toBe(1);
  });

  test('R04 a kind of error can have its own attempts and waits', async () => {
    const config = { maxAttempts: 2, baseDelayMs: 10, perErrorKind: { 'rate-limit': { maxAttempts: 4, baseDelayMs: 1_000, strategy: 'fixed' } } } as const;
    const limited = await run(config, () => status(429));
    expect(limited.calls).toBe(4);
    const delays: number[] = [];
    await run({ ...config, onRetry: ({ delayMs }) => delays.push(delayMs) }, () => status(429));
    expect(delays).toEqual([1_000, 1_000, 1_000]);
    expect((await run(config, () => systemError('ECONNREFUSED'))).calls).toBe(2);
  });
});

describe('Retry-After', () => {
  test('R04 is waited for, never less', async () => {
    expect(await delaysFor({ 'retry-after': '7' })).toEqual({ delays: [7_000], calls: 2 });
    expect(await delaysFor({ 'retry-after-ms': '1500' })).toEqual({ delays: [1_500], calls: 2 });
    expect((await delaysFor({ 'retry-after': '7' }, { jitter: 'full' })).delays).toEqual([7_000]);
  });

  test('R04 zero, past and garbage leave the backoff as it is', async () => {
    for (const value of ['0', 'Thu, 01 Jan 1970 00:00:00 GMT', 'soon']) expect(await delaysFor({ 'retry-after': value })).toEqual({ delays: [100], calls: 2 });
  });

  test('R04 weeks are not slept through: the call fails at once', async () => {
    expect(await delaysFor({ 'retry-after': '3628800' })).toEqual({ delays: [], calls: 1 });
  });

  test('R04 can be left out of account', async () => {
    expect(await delaysFor({ 'retry-after': '7' }, { honourRetryAfter: false })).toEqual({ delays: [100], calls: 2 });
  });
});

describe('the hook', () => {
  test('R04 is told of each retry', async () => {
    const notices: RetryNotice[] = [];
    await run({ strategy: 'linear', baseDelayMs: 10, onRetry: (notice) => notices.push(notice) }, () => systemError('ECONNREFUSED'));
    expect(notices.map(({ attempt, delayMs, errorClass }) => [attempt, delayMs, errorClass.kind])).toEqual([
      [1, 10, 'connection'],
      [2, 20, 'connection'],
    ]);
  });

  test('R04 what it throws or rejects with is reported and changes nothing', async () => {
    for (const onRetry of [hostile, rejecting]) {
      const { calls, hookErrors } = await run({ onRetry }, () => systemError('ECONNREFUSED'));
      expect(calls).toBe(3);
      expect(hookErrors).toHaveLength(2);
    }
  });
});
