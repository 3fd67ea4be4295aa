import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sectionNames } from '../../../src/fleet/jobs/job.ts';
import { checkpointKeys, encodeId } from '../../../src/fleet/reporting/checkpoints/checkpoint-keys.ts';

const hostile = ['*', ':', '{', '}', '{}', '\0', '%', '%2A', '~', '', ' ', '?', '[a]', 'a:b', 'progress', '..', '\uD800', '\uDFFF', '\u{1F600}', 'é', 'e\u0301', 'A', 'a', '\n', 'x'.repeat(10_240), `${'x'.repeat(10_240)}y`, '~'.repeat(64), '💥'.repeat(2_000)];
const anyId = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 400 }));

/** Every key of a run. */
function keysOf(user: string, run: string): string[] {
  const keys = checkpointKeys(user, run);
  return [keys.progress, ...sectionNames.flatMap((section) => [keys.section(section), keys.blob(section, '1-n-sha')])];
}

describe('checkpoint keys', () => {
  it('C02 are report_checkpoint:{<user>:<run>}:<section> and report_checkpoint:progress:{<user>:<run>}', () => {
    const keys = checkpointKeys('user-1', 'run_2');
    expect(keys.section('data_analysis')).toBe('report_checkpoint:{user-1:run_2}:data_analysis');
    expect(keys.progress).toBe('report_checkpoint:progress:{user-1:run_2}');
  });

  it('C02 ids are percent-encoded, braces, colons and wildcards among them, and bounded in length', () => {
    expect(encodeId('a:{b}*é\0')).toBe('a%3A%7Bb%7D%2A%C3%A9%00');
    expect(encodeId('x'.repeat(10_240))).toMatch(/^~[0-9a-f]{64}$/);
    expect(encodeId(encodeId('x'.repeat(10_240)))).not.toBe(encodeId('x'.repeat(10_240)));
  });

  it('C02 two runs never share a key, whatever their ids', () => {
    fc.assert(
      fc.property(anyId, anyId, anyId, anyId, (userA, runA, userB, runB) => {
        fc.pre(userA !== userB || runA !== runB);
        const theirs = new Set(keysOf(userB, runB));
        expect(keysOf(userA, runA).filter((key) => theirs.has(key))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
    const all = hostile.flatMap((user) => hostile.flatMap((run) => keysOf(user, run)));
    expect(new Set(all).size).toBe(all.length);
  });

  it('C02 all keys of a run hash to one cluster slot, and no id brings a brace, a wildcard or a control character into a key', () => {
    fc.assert(
      fc.property(anyId, anyId, (user, run) => {
        const keys = keysOf(user, run);
        // The part that a cluster hashes: between the first { and the first } behind it.
        expect(new Set(keys.map((key) => /\{([^}]+)\}/.exec(key)?.[1])).size).toBe(1);
        for (const key of keys) {
          expect(key).toMatch(/^[A-Za-z0-9._%~:_-]+\{[A-Za-z0-9._%~-]*:[A-Za-z0-9._%~-]*\}[a-z_:0-9A-Z-]*$/);
          expect(key.length).toBeLessThan(500);
        }
      }),
    );
  });
});
