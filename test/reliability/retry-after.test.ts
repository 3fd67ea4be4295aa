import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_RETRY_AFTER_MS, parseRetryAfter, retryAfterMsFromHeaders } from '../../src/reliability/index.ts';

const now = Date.UTC(2026, 10, 20, 10, 0, 0);
const date = (offsetMs: number): string => new Date(now + offsetMs).toUTCString();

describe('Retry-After', () => {
  test.each([
    ['7', 7_000],
    [' 7 ', 7_000],
    ['0.5', 500],
    [date(90_000), 90_000],
    ['0', undefined],
    ['-5', undefined],
    [date(0), undefined],
    [date(-60_000), undefined],
    ['', undefined],
    ['soon', undefined],
    ['7s', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['1e9', undefined],
    ['0x10', undefined],
    ['2026-11-20', undefined],
    ['Fri, 99 Nov 2026 99:99:99 GMT', undefined],
    ['3628800', MAX_RETRY_AFTER_MS],
    ['9'.repeat(400), MAX_RETRY_AFTER_MS],
    [date(42 * 86_400_000), MAX_RETRY_AFTER_MS],
  ])('R04 "%s" reads as %s ms', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected);
  });

  test('R04 retry-after-ms counts before Retry-After, from Headers and from plain objects in any case', () => {
    expect(retryAfterMsFromHeaders(new Headers({ 'retry-after': '7', 'retry-after-ms': '6500' }), now)).toBe(6_500);
    expect(retryAfterMsFromHeaders({ 'Retry-After': ['7', '9'] }, now)).toBe(7_000);
    expect(retryAfterMsFromHeaders({ 'RETRY-AFTER': 7 }, now)).toBe(7_000);
    expect(retryAfterMsFromHeaders(new Headers({ 'retry-after': '7', 'retry-after-ms': 'later' }), now)).toBe(7_000);
    expect(retryAfterMsFromHeaders({}, now)).toBeUndefined();
    expect(retryAfterMsFromHeaders(undefined, now)).toBeUndefined();
  });

  test('R04 whatever the text is, the answer is undefined or within (0, one day]', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.date().map(String), fc.bigInt().map(String)), (text) => {
        const ms = parseRetryAfter(text, now);
        expect(ms === undefined || (ms > 0 && ms <= MAX_RETRY_AFTER_MS)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
