import { legend } from '../../format/glyphs.ts';
import { column, plain, span, type Line } from '../../format/line.ts';
import { keyGroups, keyHelp } from '../../ui/key-help.ts';
import { blank, heading, paragraphs, type Detail } from './detail.ts';

const keysWidth = 18;

/** Every key, and what the signs mean. */
export function helpDetail(width: number): Detail {
  return {
    title: 'keys and signs',
    lines: [
      ...keyGroups.flatMap((group): Line[] => [heading(group), ...keyHelp.filter((entry) => entry.group === group).flatMap(({ keys, does }) => entryLines(keys, does, width)), blank]),
      ...legend.flatMap(([name, glyphs]): Line[] => [heading(`signs: ${name}`), ...glyphs.map(({ sign, word, meaning, tone }): Line => [plain('  '), span(tone, sign), plain(`  ${word}${meaning === undefined ? '' : `: ${meaning}`}`)]), blank]),
      ...paragraphs('R, K, P and L before a breaker: redis, kafka, postgres, llm. In the fleet L2 is the level of a host, 12m are 12 messages handled, 3✗ of them failed, and ↻1 says that the host was started again once.', width),
    ],
  };
}

function entryLines(keys: string, does: string, width: number): Line[] {
  return paragraphs(does, width - keysWidth).map((line, index): Line => [column('notice', index === 0 ? `  ${keys}` : '', keysWidth), ...line]);
}
