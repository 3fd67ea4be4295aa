import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { disagreements, parseRows, provenIds, readTests } from '../../scripts/requirements.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('docs/requirements.md', () => {
  it('P04 agrees with the titles of the tests in both directions', () => {
    const rows = parseRows(readFileSync(`${root}/docs/requirements.md`, 'utf8'));
    expect(rows.length).toBeGreaterThan(30);
    expect(disagreements(rows, provenIds(readTests(root)))).toEqual([]);
  });

  it('P04 a row without a test, a test without a row and a row with another test are found', () => {
    const rows = parseRows('| ID | what | proved by |\n|---|---|---|\n| C01 | a | `test/a.test.ts` |\n| C02 | b | `test/b.test.ts` |\n| C03 | c | |');
    const proven = provenIds(
      new Map([
        ['test/a.test.ts', "it('C01 holds', () => {});\nit.each([1])('C04 holds for %s', () => {});"],
        ['test/b.test.ts', "describe('C02 suite', () => {});\nit.todo('C02 later');"],
      ]),
    );
    expect(disagreements(rows, proven)).toEqual([
      'docs/requirements.md:4: test/b.test.ts has no test whose title begins with C02',
      'docs/requirements.md:5: C03 names no test',
      'test/a.test.ts: titles begin with C04, which docs/requirements.md does not list',
    ]);
  });
});
