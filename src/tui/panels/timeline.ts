import { clockTime, countOf, timeLeft } from '../format/durations.ts';
import { column, paintLine, plain, span, type Line } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import { activeFaults, type FaultState } from '../model/screen-state.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import { firstVisible, markerWidth, panelTitles, selectedIndex, titleLine, type Row } from './panel.ts';
import { axisLabels, axisOf, cellOf, type Axis } from './timeline-axis.ts';
import { faultCells, levelCells, markCells, type DrawnMark } from './timeline-rows.ts';

/** Rows of marks: all in one where there is little room. */
const together: readonly (readonly [string, readonly DrawnMark[]])[] = [['marks', ['host-exit', 'host-back', 'lost', 'breaker-open', 'breaker-closed', 'resumed', 'reported']]];
const apart: typeof together = [
  ['hosts', ['host-exit', 'host-back']],
  ['breakers', ['breaker-open', 'breaker-closed']],
  ['jobs', ['lost', 'resumed', 'reported']],
];

export function faultKey({ fault, occurrence }: FaultState): string {
  return `${fault}/${occurrence}`;
}

/** The faults' bars: what can be selected. */
export function timelineRows({ state, nowMs }: ScreenProps, width: number): readonly Row[] {
  const label = labelWidth(width);
  const axis = axisOf(state, nowMs, width - markerWidth - label);
  return state.faults.map((fault) => ({
    key: faultKey(fault),
    line: () => [column(fault.healedAtMs === undefined ? 'fault' : 'plain', fault.occurrence > 1 ? `${fault.fault} ${fault.occurrence}.` : fault.fault, label - 1), plain(' '), ...withNote(fault, axis, nowMs)],
  }));
}

export function timelinePanel(props: ScreenProps, area: Area): string[] {
  const { state, nowMs, paint, ui } = props;
  if (area.height <= 0) return [];
  const focused = ui.focus === 'timeline';
  const label = labelWidth(area.width);
  const axis = axisOf(state, nowMs, area.width - markerWidth - label);
  const faults = timelineRows(props, area.width);
  const marks = state.marks.last();
  const withAxis = area.height >= 5;
  const roomy = area.height >= 7 + Math.min(2, faults.length);
  const upper: Line[] = [
    ...(roomy ? apart : together).map(([name, kinds]): Line => [column('plain', name, label), ...markCells(marks, kinds, axis)]),
    [column('plain', 'level', label), ...levelCells(state, axis, nowMs)],
  ];
  const room = Math.max(0, area.height - 1 - upper.length - (withAxis ? 1 : 0));
  const selected = selectedIndex(faults, ui.selected.timeline, true);
  const first = firstVisible(selected, faults.length, room);
  const seen = faults.slice(first, first + room);
  const active = activeFaults(state).length;
  const title: Line = [plain(`${clockTime(axis.startMs)}–${clockTime(nowMs)}, ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`), ...(active > 0 ? [span('fault', `, ${active} at work`)] : [])];
  const position = faults.length > seen.length && room > 0 ? ` ${first + 1}–${first + seen.length} of ${faults.length} ` : '';
  const lines = [titleLine(panelTitles.timeline, title, position, focused, area.width, paint), ...upper.map((line) => paintLine([plain(' '), ...line], area.width, paint))];
  for (const [index, row] of seen.entries()) {
    const marked = focused && first + index === selected;
    lines.push(paintLine([plain(marked ? '›' : ' '), ...row.line()], area.width, paint, marked));
  }
  while (lines.length < area.height - (withAxis ? 1 : 0)) lines.push(' '.repeat(area.width));
  if (withAxis) lines.push(paintLine([plain(' '.repeat(markerWidth + label)), plain(axisLabels(axis))], area.width, paint));
  return lines.slice(0, area.height);
}

/** The bar, and beside it, where there is room, what it is and what it did. */
function withNote(fault: FaultState, axis: Axis, nowMs: number): Line {
  const bar = faultCells(fault.injectedAtMs, fault.healedAtMs, axis, nowMs);
  const after = axis.width - cellOf(axis, fault.healedAtMs ?? nowMs) - 2;
  const before = cellOf(axis, fault.injectedAtMs) - 1;
  const note = noteOf(fault, nowMs);
  if (note.length <= after) return [...bar, plain(` ${note}`)];
  const [, drawn] = bar;
  return note.length <= before && drawn !== undefined ? [plain(note.padStart(before)), plain(' '), drawn] : bar;
}

function noteOf(fault: FaultState, nowMs: number): string {
  const what = `${fault.type}${fault.target === '' ? '' : ` on ${fault.target}`}`;
  if (fault.healedAtMs === undefined) return fault.lastsMs === undefined ? what : `${what}, ${timeLeft(fault.injectedAtMs + fault.lastsMs - nowMs)} left`;
  return fault.affected === undefined || fault.affected === null ? what : `${what}: ${countOf(fault.affected, fault.unit ?? '')}`;
}

function labelWidth(width: number): number {
  return width >= 56 ? 18 : width >= 50 ? 14 : 9;
}
