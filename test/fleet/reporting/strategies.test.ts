import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportLevels, sectionNames, type ReportDocument } from '../../../src/fleet/jobs/job.ts';
import { levelOf } from '../../../src/fleet/reporting/report-level.ts';
import { fullestStrategy, reportStrategies } from '../../../src/fleet/reporting/strategies/index.ts';
import type { AvailableData } from '../../../src/fleet/reporting/strategies/strategy.ts';
import { orderFacts } from './helpers/reports.ts';

const everything: AvailableData = { facts: 10, agentsWithFacts: 4, agentsAsked: 4, missing: [], modelAvailable: true, remainingMs: Infinity };
const anyData = fc.record({
  facts: fc.nat(20),
  agentsWithFacts: fc.nat(6),
  agentsAsked: fc.nat(6),
  missing: fc.array(fc.constant('order: gone'), { maxLength: 3 }),
  modelAvailable: fc.boolean(),
  remainingMs: fc.oneof(fc.nat(5_000), fc.constant(Infinity)),
});

describe('report strategies', () => {
  it('D02 there are five, from the fullest to the one that needs nothing, each saying its sections and needs', () => {
    expect(reportStrategies.map(({ level }) => level)).toEqual(reportLevels);
    expect(reportStrategies.map(({ sections }) => sections)).toEqual([
      sectionNames,
      sectionNames,
      ['summary', 'data_analysis', 'recommendations'],
      ['summary', 'data_analysis'],
      ['summary'],
    ]);
    for (const { needs } of reportStrategies) expect(needs.length).toBeGreaterThan(3);
    expect(reportStrategies.map(({ asksModel }) => asksModel)).toEqual([true, true, true, false, false]);
  });

  it.each<[string, Partial<AvailableData>, string]>([
    ['everything is there', {}, 'FULL'],
    ['something is missing', { missing: ['order: refunds absent'] }, 'STANDARD'],
    ['half of the agents answered', { missing: ['a: gone', 'b: gone'], agentsWithFacts: 2 }, 'STANDARD'],
    ['fewer answered', { missing: ['a: gone', 'b: gone', 'c: gone'], agentsWithFacts: 1 }, 'BASIC'],
    ['the model is gone', { modelAvailable: false }, 'MINIMAL'],
    ['there is no time for the model', { remainingMs: 999 }, 'MINIMAL'],
    ['there is no fact', { facts: 0, agentsWithFacts: 0 }, 'FALLBACK'],
    ['there is nothing', { facts: 0, agentsWithFacts: 0, modelAvailable: false, remainingMs: 0 }, 'FALLBACK'],
  ])('D03 where %s', (_what, available, level) => {
    expect(fullestStrategy({ ...everything, ...available }).level).toBe(level);
  });

  it('D03 stepping down never goes up, and losing something never leads to more', () => {
    fc.assert(
      fc.property(anyData, fc.constantFrom(...reportStrategies), (available, from) => {
        const to = fullestStrategy(available, from);
        expect(reportLevels.indexOf(to.level)).toBeGreaterThanOrEqual(reportLevels.indexOf(from.level));
        const worse = fullestStrategy({ ...available, modelAvailable: false }, from);
        expect(reportLevels.indexOf(worse.level)).toBeGreaterThanOrEqual(reportLevels.indexOf(to.level));
      }),
    );
  });
});

type Section = ReportDocument['sections'][number];
const section = (name: Section['name'], source: Section['source'] = 'model'): Section => ({ name, source, content: { heading: 'h', paragraphs: ['p'], items: [] } });
const facts = orderFacts.map((fact) => ({ ...fact }));

describe('the level of a finished report', () => {
  it.each<[string, readonly Section[], readonly string[], string]>([
    ['all by the model, nothing missing', sectionNames.map((name) => section(name)), [], 'FULL'],
    ['all by the model or from the cache', sectionNames.map((name) => section(name, name === 'summary' ? 'cache' : 'model')), [], 'FULL'],
    ['all by the model, something missing', sectionNames.map((name) => section(name)), ['order: gone'], 'STANDARD'],
    ['one by template', sectionNames.map((name) => section(name, name === 'summary' ? 'template' : 'model')), [], 'STANDARD'],
    ['two by template', sectionNames.map((name) => section(name, name === 'recommendations' || name === 'action_items' ? 'template' : 'model')), [], 'BASIC'],
    ['no action items', [section('summary'), section('data_analysis'), section('recommendations')], [], 'BASIC'],
    ['all by template', sectionNames.map((name) => section(name, 'template')), [], 'MINIMAL'],
    ['summary and analysis', [section('summary'), section('data_analysis')], [], 'MINIMAL'],
    ['a summary alone', [section('summary')], [], 'FALLBACK'],
    ['nothing', [], [], 'FALLBACK'],
  ])('D02 follows from what is in it: %s', (_what, sections, missing_data, level) => {
    expect(levelOf({ sections: [...sections], facts, missing_data: [...missing_data] })).toBe(level);
    expect(levelOf({ sections: [...sections], facts: [], missing_data: [...missing_data] })).toBe('FALLBACK');
  });
});
