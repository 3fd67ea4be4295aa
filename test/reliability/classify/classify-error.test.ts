import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantViolation } from '../../../src/core/error-codes.ts';
import { NetraError } from '../../../src/core/errors.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { BulkheadFullError, CircuitBreakerOpenError, DeadlineExceededError, HedgeLostError, TimeoutError, classifyError, factsOfStatus } from '../../../src/reliability/index.ts';
import { rejection } from './bad-servers.ts';

const classify = (error: unknown) => classifyError(error, systemClock);
const timedOut = (syscall: string) => Object.assign(new Error('x'), { code: 'ETIMEDOUT', syscall });
const entry = { severity: 'high', recovery: 'retry', retriable: true, meaning: 'm', remedy: 'r' } as const;

describe('our own errors', () => {
  test.each([
    [new CircuitBreakerOpenError('k', 'open', 700), { kind: 'refused', retriable: false, blame: 'not-asked', retryAfterMs: 700, maybeExecuted: false }],
    [new BulkheadFullError('k', 1, 1), { kind: 'refused', blame: 'not-asked', maybeExecuted: false }],
    [new TimeoutError('k', 5, 'attempt'), { kind: 'timeout', retriable: true, maybeExecuted: true, blame: 'dependency' }],
    [new DeadlineExceededError('k', true), { kind: 'timeout', retriable: false, maybeExecuted: true, blame: 'not-asked' }],
    [new HedgeLostError('k'), { kind: 'cancelled', blame: 'not-asked' }],
    [new InvariantViolation('bug'), { kind: 'bug', retriable: false, blame: 'not-asked' }],
  ])('R11 %s', (error, expected) => {
    expect(classify(error)).toMatchObject({ ...expected, source: 'netra' });
  });

  test('R11 another NetraError says itself whether to retry, and its cause says the rest', () => {
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    expect(classify(new NetraError('X', entry, 'wrapped', { cause }))).toMatchObject({ kind: 'connection', retriable: true, maybeExecuted: true, blame: 'dependency' });
    expect(classify(new NetraError('X', entry, 'final', { cause, retriable: false }))).toMatchObject({ kind: 'connection', retriable: false });
    expect(classify(new NetraError('X', entry, 'alone', { retryAfterMs: 5 }))).toMatchObject({ kind: 'unknown', retriable: true, retryAfterMs: 5 });
  });
});

describe('errors of the platform', () => {
  test('R11 a missing file, a folder read as a file', async () => {
    expect(classify(await rejection(() => readFile('/no/such/file')))).toMatchObject({ kind: 'not-found', retriable: false, blame: 'none' });
    expect(classify(await rejection(() => readFile('/')))).toMatchObject({ kind: 'invalid', retriable: false });
  });

  test('R11 an aborted read is cancelled', async () => {
    expect(classify(await rejection(() => readFile('/etc/hostname', { signal: AbortSignal.abort() })))).toMatchObject({ kind: 'cancelled' });
  });

  test('R11 a connect that times out has sent nothing, an established line that does may have', () => {
    expect(classify(timedOut('connect'))).toMatchObject({ kind: 'timeout', maybeExecuted: false });
    expect(classify(timedOut('read'))).toMatchObject({ kind: 'timeout', maybeExecuted: true });
  });

  test('R11 mistakes of the program are neither retried nor blamed on anybody', () => {
    for (const error of [new TypeError('x'), new RangeError('x'), new ReferenceError('x')]) expect(classify(error)).toMatchObject({ kind: 'bug', retriable: false, blame: 'not-asked' });
  });

  test('R11 one error for each address: the first decides', () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    expect(classify(new AggregateError([refused, refused]))).toMatchObject({ kind: 'connection', maybeExecuted: false });
  });
});

describe('anything else', () => {
  test('R11 a status says the same without an error', () => {
    expect(factsOfStatus(503)).toMatchObject({ kind: 'unavailable', retriable: true });
    expect(factsOfStatus(418)).toMatchObject({ kind: 'invalid', retriable: false });
    expect(factsOfStatus(200)).toBeUndefined();
  });

  test('R11 whatever is thrown gets a class, hostile objects included', () => {
    const hostile = {
      get name(): never {
        throw new Error('trap');
      },
    };
    const loop: { cause?: unknown } = new Error('loop');
    loop.cause = loop;
    for (const thrown of [hostile, loop, null, undefined, 0, 'text', Symbol('s')]) expect(classify(thrown)).toMatchObject({ kind: 'unknown', retriable: true, maybeExecuted: true, blame: 'dependency' });
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(typeof classify(thrown).kind).toBe('string');
      }),
    );
  });

  test('R11 an unknown wrapper is looked into', () => {
    const cause = Object.assign(new Error('x'), { status: 429, headers: { 'retry-after': '2' } });
    expect(classify(new Error('outer', { cause: new Error('inner', { cause }) }))).toMatchObject({ kind: 'rate-limit', retryAfterMs: 2_000 });
  });
});
