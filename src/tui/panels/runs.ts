import { verdictGlyphs } from '../format/glyphs.ts';
import { cellWidth } from '../format/cells.ts';
import { cleanText } from '../format/clean-text.ts';
import { paintLine, plain, span, type Line } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import type { RunTab, ScreenProps } from '../ui/screen-props.ts';

/** ` [▶ redis-drop]  ✓ kafka-delay  · llm-timeout`, moved so that the shown one is seen. */
export function runsPanel({ runs, paint }: ScreenProps, area: Area): string[] {
  if (runs === undefined || area.height <= 0) return [];
  const tabs = runs.tabs.map((tab, index) => tabSpan(tab, index === runs.shown));
  let first = 0;
  while (first < runs.shown && widthOf(tabs.slice(first, runs.shown + 1)) > area.width - 4) first += 1;
  const line: Line = [plain(first > 0 ? '‹ ' : '  '), ...tabs.slice(first)];
  return [paintLine(line, area.width, paint), ...Array.from({ length: area.height - 1 }, () => ' '.repeat(area.width))];
}

function tabSpan({ label, status }: RunTab, shown: boolean): Line[number] {
  const sign = status === 'waiting' ? '·' : status === 'running' ? '▶' : verdictGlyphs[status].sign;
  const tone = status === 'waiting' || status === 'running' ? 'plain' : verdictGlyphs[status].tone;
  return shown ? span(tone === 'plain' ? 'strong' : tone, `[${sign} ${label}] `) : span(tone, ` ${sign} ${label}  `);
}

function widthOf(spans: Line): number {
  return spans.reduce((sum, { text }) => sum + cellWidth(cleanText(text)), 0);
}
