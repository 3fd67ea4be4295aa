import { describe, expect, it } from 'vitest';
import { pageAssets } from '../../../src/reporters/html/assets.ts';
import { htmlReport } from '../../../src/reporters/html/run-page.ts';
import { selectEvents } from '../../../src/reporters/html/select-events.ts';
import { scenario } from '../sample-report.ts';
import { journalOf, started } from './journal.ts';

const thinking = { type: 'agent.thinking', host: 'reporting-1', operation: 'report', section: 'summary' } as const;
const large = journalOf([0, started], ...Array.from({ length: 20_000 }, (_, index) => [index, index % 100 === 7 ? { type: 'level.changed' as const, host: 'reporting-1', from: index % 4, to: (index + 1) % 4, reason: 'r'.repeat(50) } : thinking] as const));

describe('events of a report page', () => {
  it('P04 a small journal is shown whole', () => {
    const small = large.slice(0, 5_000);
    expect(selectEvents(small, new Set())).toMatchObject({ shown: { length: 5_000 }, leftOut: new Map() });
  });

  it('P04 of a large one what is said often is left out and counted, but for what is referred to', () => {
    const { shown, leftOut } = selectEvents(large, new Set([2, 19_999]));
    expect(shown.map(({ event }) => event.seq)).toEqual(expect.arrayContaining([1, 2, 9, 19_999]));
    expect(shown.length).toBe(1 + 200 + 2);
    expect(leftOut).toEqual(new Map([['agent.thinking', 20_001 - shown.length]]));
    expect(shown.map(({ event }) => event.seq)).toEqual(shown.map(({ event }) => event.seq).toSorted((a, b) => a - b));
  });

  it('P04 the page of a large journal says what it leaves out, and stays below 5 MB whatever the events hold', () => {
    const huge = journalOf([0, started], ...Array.from({ length: 300 }, (_, index) => [index, { type: 'infra.warning', service: 'redis', message: '<&"\n'.repeat(50_000) }] as const));
    const page = htmlReport({ report: scenario({ checks: [] }), events: huge, assets: pageAssets().run });
    expect(Buffer.byteLength(page)).toBeLessThan(5 * 2 ** 20);
    expect(page).toMatch(/Left out here, and in the journal: \d+ infra\.warning/);
    expect(page).toContain('.netra/runs/20261120-104501-3f9a1c/journal.ndjson');
    expect(page).toContain('… (cut here; the journal has all of it)');
  });
});
