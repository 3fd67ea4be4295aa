import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { barHolds, median, percentile, toReport, type Bar, type BenchmarkReport } from '../../bench/bench.ts';
import { formatReport, reportToJson } from '../../bench/print.ts';

const bar = (figure: number, want: 'at most' | 'at least' = 'at most'): Bar => ({ name: 'breaker', measures: [{ figure, unit: '× bare', want, limit: 4 }] });

describe('bench', () => {
  test('R13 a bar is held on its side of the limit, and where any of its measures is', () => {
    expect([barHolds(bar(4)), barHolds(bar(4.01)), barHolds(bar(3.99, 'at least')), barHolds(bar(4, 'at least'))]).toEqual([true, false, false, true]);
    expect(barHolds({ name: 'x', measures: [...bar(9).measures, ...bar(9, 'at least').measures] })).toBe(true);
  });

  test('R13 the report shows every bar with figure, limit and verdict, missed ones too', () => {
    const report: BenchmarkReport = { tables: [{ title: 'Overhead', columns: ['case', 'ns'], rows: [['bare', 41.26]] }], bars: [bar(1.766), { ...bar(5), name: 'slow', note: 'profile: two clocks' }] };
    const text = formatReport(report);
    expect(text).toMatch(/breaker +1\.77 × bare +at most 4\.00 × bare +held/);
    expect(text).toMatch(/slow +5\.00 × bare +at most 4\.00 × bare +MISSED/);
    expect(text).toContain('slow: profile: two clocks');
    expect(text).toMatch(/bare +41\.3/);
    expect(JSON.parse(reportToJson('reliability', report))).toMatchObject({ benchmark: 'reliability', bars: [{ held: true }, { held: false }] });
  });

  test('R13 rows with bars become a report', () => {
    const report = toReport({ name: 'proxy', rows: [{ label: 'ratio', value: 0.5, unit: 'ratio', bar: { min: 0.35 } }, { label: 'added', value: 120, unit: 'µs', bar: { max: 100 } }, { label: 'plain', value: 1, unit: 'x' }] });
    expect(report.bars.map(barHolds)).toEqual([true, false]);
    expect(report.tables[0]?.rows).toHaveLength(3);
  });

  test('R13 median and percentile', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1)]).toEqual([50, 99, 100]);
    expect(() => median([])).toThrow(RangeError);
  });

  test('R13 a name that no benchmark has is refused with the names that there are', async () => {
    const main = join(import.meta.dirname, '..', '..', 'bench', 'main.ts');
    const failed: { code?: number; stderr?: string } = await promisify(execFile)(process.execPath, [main, 'nonsense']).then(
      () => ({}),
      (error: unknown) => error as { code: number; stderr: string },
    );
    expect(failed.code).toBe(64);
    expect(failed.stderr).toContain('reliability');
  });
});
