import type { Tone } from '../../../journal/event-text.ts';
import { wrap } from '../../format/cells.ts';
import { cleanText } from '../../format/clean-text.ts';
import { column, plain, span, type Line } from '../../format/line.ts';

/** What an overlay shows: as many lines as there are to tell, seen through a window. */
export interface Detail {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** Cells of the names in `field`. */
const nameWidth = 14;

/** `host          reporting-2`, wrapped below itself. */
export function field(name: string, value: string, width: number, tone: Tone = 'plain'): Line[] {
  return wrap(cleanText(value), width - nameWidth).map((line, index) => [column('plain', index === 0 ? name : '', nameWidth), span(tone, line)]);
}

/** Its line breaks are kept, long lines are wrapped. */
export function paragraphs(text: string, width: number, tone: Tone = 'plain', indent = ''): Line[] {
  return text.split(/\r\n|\r|\n/).flatMap((line) => wrap(cleanText(line), width - indent.length).map((part): Line => [plain(indent), span(tone, part)]));
}

export function heading(text: string): Line {
  return [span('strong', text)];
}

export const blank: Line = [];
