import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { documentPath, duplicates, loadAreas, renderErrorCodes } from '../../scripts/error-codes.ts';

describe('docs/error-codes.md', () => {
  test('R11 is what the tables of all areas say: run `node scripts/error-codes.ts` where this fails', async () => {
    expect(await readFile(documentPath, 'utf8')).toBe(renderErrorCodes(await loadAreas()));
  });

  test('R11 every area’s codes are in it, each with severity, recovery, meaning and remedy', async () => {
    const areas = await loadAreas();
    expect(areas.map(({ folder }) => folder)).toEqual(expect.arrayContaining(['core', 'reliability', 'fleet', 'infra', 'cli']));
    for (const { folder, codes } of areas) {
      for (const [code, { severity, recovery, meaning, remedy }] of Object.entries(codes)) {
        expect(code, folder).toMatch(/^[A-Z][A-Z0-9_]+$/);
        expect(['critical', 'high', 'medium', 'low'], code).toContain(severity);
        expect(['retry', 'fallback', 'degrade', 'fail'], code).toContain(recovery);
        expect(meaning, code).toMatch(/^.{8,}[.!]$/);
        expect(remedy, code).toMatch(/^.{8,}[.!]$/);
      }
    }
  });

  test('R11 no code is given twice', async () => {
    expect(duplicates(await loadAreas())).toEqual([]);
    expect(duplicates([{ folder: 'a', codes: { X: {} as never } }, { folder: 'b', codes: { X: {} as never, Y: {} as never } }])).toEqual(['X']);
  });
});
