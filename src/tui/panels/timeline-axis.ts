import { clockTime } from '../format/durations.ts';
import type { ScreenState } from '../model/screen-state.ts';

/** Time from left to right over `width` cells. */
export interface Axis {
  readonly startMs: number;
  readonly endMs: number;
  readonly width: number;
}

/** A run shorter than this does not fill the width. */
const leastMs = 10_000;

/** From the first job or fault, whichever came first (starting takes long and tells little), to the instant that is shown. */
export function axisOf(state: ScreenState, nowMs: number, width: number): Axis {
  const [firstJob] = state.jobs.values();
  const startMs = Math.min(firstJob?.submittedAtMs ?? nowMs, state.faults[0]?.injectedAtMs ?? nowMs);
  return { startMs, endMs: Math.max(nowMs, startMs + leastMs), width };
}

export function cellOf({ startMs, endMs, width }: Axis, atMs: number): number {
  return Math.max(0, Math.min(width - 1, Math.floor(((atMs - startMs) / (endMs - startMs)) * width)));
}

/** The instant at which a cell begins. */
export function timeOf({ startMs, endMs, width }: Axis, cell: number): number {
  return startMs + ((endMs - startMs) * cell) / width;
}

/** `00:12      00:20      00:28`, each where it is. */
export function axisLabels(axis: Axis): string {
  const labelWidth = clockTime(axis.endMs).length;
  const count = Math.max(1, Math.floor(axis.width / (labelWidth + 8)));
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const cell = Math.floor((axis.width * index) / count);
    text = `${text.padEnd(cell)}${clockTime(timeOf(axis, cell))}`;
  }
  const end = clockTime(axis.endMs);
  return axis.width >= text.length + end.length + 1 ? text + end.padStart(axis.width - text.length) : text.slice(0, axis.width);
}
