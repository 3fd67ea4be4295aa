import { plain } from '../../format/line.ts';
import { clockTime } from '../../format/durations.ts';
import type { ScreenProps } from '../../ui/screen-props.ts';
import { field, type Detail } from './detail.ts';

/** A line of the tail, whole. */
export function eventDetail({ state }: ScreenProps, key: string, width: number): Detail {
  const line = state.tail.last().find(({ seq }) => String(seq) === key);
  if (line === undefined) return { title: `event ${key}`, lines: [[plain('it is too long ago: only the newest events are kept')]] };
  return { title: `event ${key}`, lines: [...field('at', `${clockTime(line.atMs)} (${(line.atMs / 1_000).toFixed(3)} s)`, width), ...field('says', line.spans.map(({ text }) => text).join(''), width, line.spans[0]?.tone)] };
}
