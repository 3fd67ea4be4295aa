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
        const described = `${folder} ${code}: ${severity}, ${recovery}: ${meaning} ${remedy}`;
        expect(described).toMatch(/^\S+ [A-Z][A-Z0-9_]+: (?:critical|high|medium|low), (?:retry|fallback|degrade|fail): .{8,}[.!] .{8,}[.!]$/);
      }
    }
  });

  test('R11 no code is given twice', async () => {
    expect(duplicates(await loadAreas())).toEqual([]);
    expect(duplicates([{ folder: 'a', codes: { X: {} as never } }, { folder: 'b', codes: { X: {} as never, Y: {} as never } }])).toEqual(['X']);
  });
});
