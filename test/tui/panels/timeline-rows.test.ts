import { describe, expect, it } from 'vitest';
import type { Line } from '../../../src/tui/format/line.ts';
import { newScreenState } from '../../../src/tui/model/new-state.ts';
import type { TimelineMark } from '../../../src/tui/model/screen-state.ts';
import { axisLabels, axisOf, cellOf } from '../../../src/tui/panels/timeline-axis.ts';
import { faultCells, levelCells, markCells } from '../../../src/tui/panels/timeline-rows.ts';

/** A cell a second. */
const axis = { startMs: 0, endMs: 20_000, width: 20 };

function textOf(line: Line): string {
  return line.map(({ text }) => text).join('');
}

function mark(atMs: number, kind: TimelineMark['kind']): TimelineMark {
  return { atMs, kind, text: '', count: 1 };
}

describe('rows of the timeline', () => {
  it('P03 a mark stands where it happened; two kinds at one instant are both seen, the first where it was', () => {
    const marks = [mark(2_100, 'host-exit'), mark(2_200, 'host-back'), mark(2_300, 'host-exit'), mark(9_000, 'breaker-open')];
    expect(textOf(markCells(marks, ['host-exit', 'host-back', 'breaker-open'], axis))).toBe('  ✖✚     ○          ');
    expect(textOf(markCells(marks, ['breaker-open'], axis))).toBe('         ○          ');
  });

  it('P03 many reports at a time make a higher bar than one, and hide nothing that went wrong', () => {
    const marks = [mark(1_000, 'reported'), ...Array.from({ length: 8 }, () => mark(5_500, 'reported')), mark(5_600, 'lost')];
    const text = textOf(markCells(marks, ['reported', 'lost'], axis));
    expect(text[1]).toBe('▁');
    expect(text[5]).toBe('!');
    expect(textOf(markCells(marks.slice(0, -1), ['reported', 'lost'], axis))[5]).toBe('█');
  });

  it('P03 the level of each moment is the worst in it, up to now and no further', () => {
    const state = { ...newScreenState(), levels: [{ atMs: 0, level: 0, reason: '' }, { atMs: 4_500, level: 2, reason: 'kafka' }, { atMs: 6_100, level: 3, reason: 'more' }, { atMs: 6_200, level: 0, reason: '' }] };
    expect(textOf(levelCells(state, axis, 9_999))).toBe('────223───          ');
  });

  it('P03 a fault is a bar to now while it is at work, to its end once it is healed, and a point where it was over at once', () => {
    expect(textOf(faultCells(3_000, undefined, axis, 8_000))).toBe('   ━━━━━▶');
    expect(textOf(faultCells(3_000, 6_000, axis, 8_000))).toBe('   ━━━┫');
    expect(textOf(faultCells(3_000, 3_040, axis, 8_000))).toBe('   ◆');
  });

  it('P03 the axis begins with the first job or fault and is labelled where its times are', () => {
    const empty = axisOf(newScreenState(), 5_000, 40);
    expect(empty).toEqual({ startMs: 5_000, endMs: 15_000, width: 40 });
    expect(axisLabels({ startMs: 0, endMs: 40_000, width: 40 })).toBe('00:00        00:13        00:26    00:40');
    expect([0, 10_000, 20_000, 99_000].map((atMs) => cellOf(axis, atMs))).toEqual([0, 10, 19, 19]);
  });
});
