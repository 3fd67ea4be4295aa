import { markGlyphs } from '../format/glyphs.ts';
import { levelTone } from '../format/levels.ts';
import { merged, plain, span, type Line } from '../format/line.ts';
import { barOf } from '../format/sparkline.ts';
import type { MarkKind, ScreenState, TimelineMark } from '../model/screen-state.ts';
import { cellOf, type Axis } from './timeline-axis.ts';

type SignKind = keyof typeof markGlyphs;
/** What wins where several fall on one cell. */
const weights: readonly MarkKind[] = ['host-exit', 'lost', 'breaker-open', 'host-back', 'level', 'resumed', 'breaker-closed', 'reported'];

/** Marks of some kinds on one row, the weightiest in each cell; reports as a bar that says how many. */
export function markCells(marks: readonly TimelineMark[], kinds: readonly MarkKind[], axis: Axis): Line {
  const found = new Map<number, TimelineMark>();
  const reports = new Map<number, number>();
  let most = 1;
  for (const mark of marks) {
    if (!kinds.includes(mark.kind) || mark.atMs < axis.startMs) continue;
    const cell = cellOf(axis, mark.atMs);
    if (mark.kind === 'reported') {
      const count = (reports.get(cell) ?? 0) + 1;
      reports.set(cell, count);
      most = Math.max(most, count);
    }
    const before = found.get(cell);
    if (before === undefined || weights.indexOf(mark.kind) < weights.indexOf(before.kind)) found.set(cell, mark);
  }
  const spanOf = (cell: number): Line[number] => {
    const mark = found.get(cell);
    if (mark === undefined) return plain(' ');
    if (mark.kind === 'reported') return span('good', barOf((reports.get(cell) ?? 0) / Math.max(4, most)));
    if (mark.kind === 'level') return levelSpan(Number(/\d+/.exec(mark.text)?.[0] ?? 0));
    const { sign, tone } = markGlyphs[mark.kind satisfies SignKind];
    return span(tone, sign);
  };
  return merged(Array.from({ length: axis.width }, (_, cell) => spanOf(cell)));
}

/** Of each cell the worst level in its time; nothing after the instant that is shown. */
export function levelCells({ levels }: ScreenState, axis: Axis, nowMs: number): Line {
  const worst: number[] = Array.from({ length: axis.width }, () => 0);
  for (const [index, { atMs, level }] of levels.entries()) {
    const untilMs = Math.min(levels[index + 1]?.atMs ?? nowMs, nowMs);
    if (level === 0 || untilMs < axis.startMs) continue;
    for (let cell = cellOf(axis, atMs); cell <= cellOf(axis, untilMs); cell += 1) worst[cell] = Math.max(worst[cell] ?? 0, level);
  }
  const last = cellOf(axis, nowMs);
  return merged(worst.map((level, cell) => (cell > last ? plain(' ') : level === 0 ? plain('─') : levelSpan(level))));
}

/** `━━━━▶` while it is at work, `━━━━┫` once it is healed, `◆` where it was over at once. */
export function faultCells(injectedAtMs: number, healedAtMs: number | undefined, axis: Axis, nowMs: number): Line {
  const first = cellOf(axis, injectedAtMs);
  const last = cellOf(axis, healedAtMs ?? nowMs);
  const bar = healedAtMs === undefined ? `${'━'.repeat(last - first)}▶` : last === first ? '◆' : `${'━'.repeat(last - first)}┫`;
  return [plain(' '.repeat(first)), span('fault', bar)];
}

function levelSpan(level: number): Line[number] {
  return span(levelTone(level), String(level));
}
