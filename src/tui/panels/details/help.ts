import { activityGlyphs, breakerGlyphs, fault, markGlyphs, sectionGlyphs, type Glyph } from '../../format/glyphs.ts';
import { column, plain, span, type Line } from '../../format/line.ts';
import { keyGroups, keyHelp } from '../../ui/key-help.ts';
import { blank, heading, paragraphs, type Detail } from './detail.ts';

const keysWidth = 16;
const legends: readonly (readonly [string, readonly Glyph[]])[] = [
  ['agents', Object.values(activityGlyphs)],
  ['breakers (R redis, K kafka, P postgres, L llm)', Object.values(breakerGlyphs)],
  ['sections of a report', Object.values(sectionGlyphs)],
  ['timeline', [...Object.values(markGlyphs), fault]],
];

/** Every key, and what the signs mean. */
export function helpDetail(width: number): Detail {
  return {
    title: 'keys and signs',
    lines: [
      ...keyGroups.flatMap((group): Line[] => [heading(group), ...keyHelp.filter((entry) => entry.group === group).flatMap(({ keys, does }) => entryLines(keys, does, width)), blank]),
      ...legends.flatMap(([name, glyphs]): Line[] => [heading(name), ...glyphs.map(({ sign, word, tone }): Line => [plain('  '), span(tone, sign), plain(`  ${word}`)]), blank]),
    ],
  };
}

function entryLines(keys: string, does: string, width: number): Line[] {
  return paragraphs(does, width - keysWidth).map((line, index): Line => [column('notice', index === 0 ? `  ${keys}` : '', keysWidth), ...line]);
}
