import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NetraError } from '../../src/core/errors.ts';
import { keepPasswordOf, keepSecret, redact, redactDeep } from '../../src/core/secrets.ts';

describe('secrets', () => {
  it.each([
    ['connect to postgres://netra:hunter2@db:5432/x failed', 'connect to postgres://netra:[redacted]@db:5432/x failed'],
    ['rediss://:p%40ss@cache', 'rediss://:[redacted]@cache'],
    ['{"authorization":"Bearer abcdefgh12345678"}', '{"authorization":"Bearer [redacted]"}'],
    ['Incorrect API key provided: sk-proj-1234567890abcdef.', 'Incorrect API key provided: [redacted].'],
    ['GET /events?after=3&token=abc HTTP/1.1', 'GET /events?after=3&token=[redacted] HTTP/1.1'],
    ['password=x, user=y', 'password=[redacted], user=y'],
    ['http://127.0.0.1:8080/v1 answered 500 at 10:45', 'http://127.0.0.1:8080/v1 answered 500 at 10:45'],
    ['fencing_token 1001, completion_tokens 83, task-skeleton', 'fencing_token 1001, completion_tokens 83, task-skeleton'],
  ])('N05 in %j are known by what stands before them', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it('N05 that were registered are found wherever they stand, as they are, percent-encoded and in Base64', () => {
    const secret = 'Gr33n/cheese "moon"+1';
    keepSecret(secret);
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) expect(redact(`<${form}>`)).toMatch(/^<\[redacted\]=*>$/);
    expect(redact(JSON.stringify({ said: `no ${secret}` }))).toBe('{"said":"no [redacted]"}');
    keepPasswordOf('postgres://u:ab%40cdefgh1@h/db');
    expect(redact('ab@cdefgh1 and ab%40cdefgh1')).toBe('[redacted] and [redacted]');
  });

  it('N05 that are short or plain words are left: they would be found in every other line', () => {
    for (const word of ['none', 'netra', 'postgres', 'report', 'netra-resilience', '']) {
      keepSecret(word);
      expect(redact(`a ${word} b`)).toBe(`a ${word} b`);
    }
  });

  it('N05 whatever they are, what is left of JSON is JSON, without them', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 9, maxLength: 20 }), fc.string(), (secret, around) => {
        const awkward = `${secret}7`;
        keepSecret(awkward);
        const told = JSON.parse(redact(JSON.stringify({ text: `${around}${awkward}${around}` }))) as { text: string };
        expect(told.text).not.toContain(awkward);
      }),
      { numRuns: 50 },
    );
  });

  it('N05 are in no message of an error of ours, and in no member of what is copied without them', () => {
    keepSecret('token-nobody-knows-1');
    expect(new NetraError('X', { severity: 'low', recovery: 'fail', retriable: false, meaning: '', remedy: '' }, 'the server said token-nobody-knows-1').message).toBe('the server said [redacted]');
    const clean = { a: [1, 'x'], b: null };
    expect(redactDeep(clean)).toBe(clean);
    expect(redactDeep({ a: [{ b: 'token-nobody-knows-1' }], c: 3 })).toEqual({ a: [{ b: '[redacted]' }], c: 3 });
  });
});
