import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { screenLines } from '../../../src/tui/components/screen-lines.ts';
import { legend } from '../../../src/tui/format/glyphs.ts';
import { levelBar, levelNames } from '../../../src/tui/format/levels.ts';
import { keyGroups, keyHelp } from '../../../src/tui/ui/key-help.ts';
import { newUiState } from '../../../src/tui/ui/ui-state.ts';
import { propsOf, stateOf } from '../recorded.ts';

const doc = readFileSync(new URL('../../../docs/tui.md', import.meta.url), 'utf8');

/** Rows of the first table after a heading, without the table's own head. */
function tableAfter(heading: string): string[] {
  const after = doc.slice(doc.indexOf(`\n${heading}\n`) + heading.length + 2);
  const lines = after.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const rows = lines.slice(first);
  return rows.slice(2, rows.findIndex((line) => !line.startsWith('|')));
}

describe('what is said of keys and signs', () => {
  it.each(keyGroups)('P03 docs/tui.md lists the keys of "%s" as the screen knows them', (group) => {
    const told = tableAfter(`### ${group}`).map((row) => row.replaceAll('`', ''));
    expect(told).toEqual(keyHelp.filter((entry) => entry.group === group).map(({ keys, does }) => `| ${keys} | ${does} |`));
  });

  it('P03 docs/tui.md lists the signs and levels that the screen draws', () => {
    expect(tableAfter('## Signs')).toEqual(legend.flatMap(([name, glyphs]) => glyphs.map(({ sign, word, meaning }) => `| ${name} | \`${sign}\` | ${word}${meaning === undefined ? '' : `: ${meaning}`} |`)));
    expect(tableAfter('## What is where')).toEqual(levelNames.map((name, level) => `| ${level} | \`${levelBar(level)}\` | ${name} |`));
  });

  it('P03 help shows every key and every sign', () => {
    const props = propsOf(stateOf([]), { columns: 200, rows: 160, ui: { ...newUiState(), overlay: { kind: 'help', scroll: 0 } } });
    const text = screenLines(props).join('\n');
    for (const { keys, does } of keyHelp) {
      expect(text).toContain(keys);
      expect(text).toContain(does);
    }
    for (const [, glyphs] of legend) for (const { sign, word } of glyphs) expect(text).toContain(`${sign}  ${word}`);
  });

  it('P03 no key has two meanings in one place', () => {
    const characters = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
    for (const groups of [['Panels', 'Everywhere', 'Playing a journal'], ['Playing a journal', 'Everywhere']]) {
      for (const input of characters) expect([input, keyHelp.filter((entry) => groups.includes(entry.group) && entry.matches({ input })).length]).toEqual([input, expect.toBeOneOf([0, 1])]);
    }
  });

  it('P03 the bottom line names help and the end at every width', () => {
    for (const columns of [40, 60, 80, 120]) {
      const last = screenLines(propsOf(stateOf([]), { columns })).at(-1);
      expect(last).toMatch(/\? help {2}q quit$/);
      expect(last?.length).toBeLessThanOrEqual(columns);
    }
  });
});
