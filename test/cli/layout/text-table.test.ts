import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { textTable } from '../../../src/cli/layout/text-table.ts';

const head = ['job', 'level', 'missing data'];
const rows = [
  ['job-1', 'FULL', 'none'],
  ['job-2', 'BASIC', 'payments: table absent; refunds: table absent; shipments: column carrier absent'],
];
const show = (columns: number | undefined): string[] => textTable({ head, rows, wrapped: 2, columns }).split('\n');
const words = (texts: readonly string[]): string[] => texts.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '').toSorted();

describe('textTable', () => {
  it('P03 aligns columns, and is no wider than its content', () => {
    expect(textTable({ head, rows: rows.slice(0, 1), wrapped: 2, columns: 80 }).split('\n')).toEqual(['job    level  missing data', 'job-1  FULL   none']);
  });

  it.each([60, 50, 40, 30])('P03 keeps to a terminal of %i columns and loses no word', (columns) => {
    const lines = show(columns);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(words(lines)).toEqual(words([...head, ...rows.flat()]));
  });

  it('P03 puts a row’s cells below each other where there is no room beside each other', () => {
    expect(show(20)).toEqual(['job-1', '  level: FULL', '  missing data: none', 'job-2', '  level: BASIC', `  missing data: ${rows[1]?.[2]}`]);
  });

  it('P03 counts colours as nothing and characters, not code units', () => {
    const paint = new Chalk({ level: 1 });
    const painted = textTable({ head: ['a', 'b'], rows: [[paint.red('é🎈x'), '1'], ['abc', '2']], wrapped: 1, columns: 80 }).split('\n');
    expect(painted[1]).toBe(`${paint.red('é🎈x')}  1`);
    expect(painted[2]).toBe('abc   2');
  });
});
