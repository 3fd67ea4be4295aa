import type { ChalkInstance } from 'chalk';
import type { Span, Tone } from '../../journal/event-text.ts';
import { cellWidth, cut, fit } from './cells.ts';
import { cleanText } from './clean-text.ts';

/** One row of a panel before it is painted. Its texts may come from anywhere: painting makes them harmless. */
export type Line = readonly Span[];

export function span(tone: Tone, text: string): Span {
  return { tone, text };
}

export function plain(text: string): Span {
  return { tone: 'plain', text };
}

/** Neighbours of one tone as one: painting costs by the piece. */
export function merged(line: Line): Line {
  const kept: { tone: Tone; text: string }[] = [];
  for (const { tone, text } of line) {
    const last = kept.at(-1);
    if (last !== undefined && last.tone === tone) last.text += text;
    else kept.push({ tone, text });
  }
  return kept;
}

/** A column of exactly `width` cells. */
export function column(tone: Tone, text: string, width: number, align: 'left' | 'right' = 'left'): Span {
  return { tone, text: fit(cleanText(text), width, align) };
}

/** Exactly `width` cells; what does not fit is cut with an ellipsis. */
export function paintLine(line: Line, width: number, paint: ChalkInstance, selected = false): string {
  let painted = '';
  let room = width;
  for (const { tone, text } of line) {
    if (room <= 0) break;
    const shown = cut(cleanText(text), room);
    room -= cellWidth(shown);
    // Turned round, colours would be a row of patches.
    painted += paintText(selected && tone !== 'strong' ? 'plain' : tone, shown, paint);
  }
  if (room > 0) painted += ' '.repeat(room);
  return selected ? paint.inverse(painted) : painted;
}

/** Only colours of a terminal's own 16, which people set to be readable on their background; neither black nor white. */
function paintText(tone: Tone, text: string, paint: ChalkInstance): string {
  switch (tone) {
    case 'good':
      return paint.green(text);
    case 'warning':
      return paint.yellow(text);
    case 'bad':
      return paint.red.bold(text);
    case 'notice':
      return paint.cyan(text);
    case 'fault':
      return paint.magenta(text);
    case 'strong':
      return paint.bold(text);
    // Faint and grey text cannot be read on many terminals: what is less important is plain.
    default:
      return text;
  }
}
