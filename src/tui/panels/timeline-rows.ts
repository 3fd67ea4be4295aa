import { markGlyphs } from '../format/glyphs.ts';
import { levelTone } from '../format/levels.ts';
import { merged, plain, span, type Line } from '../format/line.ts';
import { barOf } from '../format/sparkline.ts';
import type { MarkKind, ScreenState, TimelineMark } from '../model/screen-state.ts';
import { cellOf, type Axis } from './timeline-axis.ts';

/** Changes of the level have a row of their own. */
export type DrawnMark = Exclude<MarkKind, 'level'>;
/** What wins where there is no room for all. */
const weights: readonly DrawnMark[] = ['host-exit', 'lost', 'breaker-open', 'host-back', 'resumed', 'breaker-closed', 'reported'];

/** Cells by which a mark may be put off for another one. */
const farthest = 2;

/** Marks of some kinds on one row; reports as a bar that says how many. */
export function markCells(marks: readonly TimelineMark[], kinds: readonly DrawnMark[], axis: Axis): Line {
  const found = new Map<number, DrawnMark>();
  const reports = new Map<number, number>();
  let most = 1;
  for (const { kind, atMs, count: times } of marks) {
    if (kind === 'level' || !kinds.includes(kind) || atMs < axis.startMs) continue;
    const cell = cellOf(axis, atMs);
    if (kind === 'reported') {
      const count = (reports.get(cell) ?? 0) + times;
      reports.set(cell, count);
      most = Math.max(most, count);
    }
    const place = placeOf(kind, cell, found, axis.width);
    if (place !== undefined) found.set(place, kind);
  }
  const spanOf = (cell: number): Line[number] => {
    const kind = found.get(cell);
    if (kind === undefined) return plain(' ');
    if (kind === 'reported') return span('good', barOf((reports.get(cell) ?? 0) / Math.max(4, most)));
    const { sign, tone } = markGlyphs[kind];
    return span(tone, sign);
  };
  return merged(Array.from({ length: axis.width }, (_, cell) => spanOf(cell)));
}

/** Its own cell or, where another kind has that, one just after it: a host that is back at once is seen to have been gone. */
function placeOf(kind: DrawnMark, cell: number, found: ReadonlyMap<number, DrawnMark>, width: number): number | undefined {
  if (kind !== 'reported') {
    for (let place = cell; place <= Math.min(cell + farthest, width - 1); place += 1) {
      const there = found.get(place);
      if (there === kind) return undefined;
      if (there === undefined || there === 'reported') return place;
    }
  }
  const there = found.get(cell);
  return there === undefined || weights.indexOf(kind) < weights.indexOf(there) ? cell : undefined;
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
