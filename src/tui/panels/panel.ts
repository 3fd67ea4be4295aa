import type { ChalkInstance } from 'chalk';
import { cellWidth, fit } from '../format/cells.ts';
import { cleanText } from '../format/clean-text.ts';
import { paintLine, plain, span, type Line } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import type { PanelName } from '../ui/ui-state.ts';

export interface Row {
  /** What selects it, and what its detail is asked for by; the same for as long as the item lives. */
  readonly key: string;
  /** Only asked for where the row is seen. */
  readonly line: () => Line;
}

export interface PanelView {
  /** Stands beside the panel's name. */
  readonly title: Line;
  /** Headings of columns; left out where that makes room for a row. */
  readonly head?: Line | undefined;
  readonly rows: readonly Row[];
  /** Said where there are no rows. */
  readonly empty: string;
  /** Without a selection the last rows are seen instead of the first. */
  readonly followsEnd?: boolean;
}

export const panelTitles: Readonly<Record<PanelName, string>> = { fleet: 'Fleet', dependencies: 'Dependencies', breakers: 'Breakers', jobs: 'Jobs', timeline: 'Timeline', events: 'Events' };

/** Cells before each row, for the mark of the selected one. */
export const markerWidth = 1;

/** Index of the selected row; where nothing was selected, or what was is gone, the first or the last one. */
export function selectedIndex(rows: readonly Row[], key: string | undefined, followsEnd = false): number {
  const found = key === undefined ? -1 : rows.findIndex((row) => row.key === key);
  if (found >= 0) return found;
  return followsEnd ? rows.length - 1 : 0;
}

/** First of `height` rows of `count`, so that `index` is among them and about in their middle. */
export function firstVisible(index: number, count: number, height: number): number {
  return Math.max(0, Math.min(index - Math.floor(height / 2), count - height));
}

/** A title, and rows of which as many are seen as there is room for: exactly `area.height` lines of `area.width` cells. */
export function drawPanel(panel: PanelName, view: PanelView, props: ScreenProps, area: Area): string[] {
  const { paint, ui } = props;
  if (area.height <= 0) return [];
  const focused = ui.focus === panel;
  const head = view.head !== undefined && view.rows.length + 2 <= area.height ? view.head : undefined;
  const height = area.height - 1 - (head === undefined ? 0 : 1);
  const selected = selectedIndex(view.rows, ui.selected[panel], view.followsEnd);
  const first = firstVisible(selected, view.rows.length, height);
  const seen = view.rows.slice(first, first + height);
  const position = view.rows.length > seen.length && height > 0 ? ` ${first + 1}–${first + seen.length} of ${view.rows.length} ` : '';
  const lines = [titleLine(panelTitles[panel], view.title, position, focused, area.width, paint)];
  if (head !== undefined) lines.push(paintLine([plain(' '.repeat(markerWidth)), ...head], area.width, paint));
  for (const [index, row] of seen.entries()) {
    const marked = focused && first + index === selected;
    lines.push(paintLine([plain(marked ? '›' : ' '), ...row.line()], area.width, paint, marked));
  }
  if (seen.length === 0 && height > 0) lines.push(paintLine([plain(` ${view.empty}`)], area.width, paint));
  while (lines.length < area.height) lines.push(' '.repeat(area.width));
  return lines;
}

/** `─ Jobs ─ 3 of 12 ────── 1–4 of 12 ─`; of the focused panel with heavy lines and a `▸`. */
export function titleLine(name: string, title: Line, position: string, focused: boolean, width: number, paint: ChalkInstance): string {
  const rule = focused ? '━' : '─';
  const text = title.map((part) => part.text).join('');
  const start: Line = [plain(focused ? '▸ ' : `${rule} `), span('strong', name), plain(text === '' ? ' ' : ': ')];
  const used = (text === '' ? 3 : 4) + cellWidth(cleanText(name));
  const rest = width - used - position.length;
  if (rest < 4) return paintLine([...start, plain(rule.repeat(Math.max(0, width - used)))], width, paint);
  if (text === '') return paintLine([...start, plain(rule.repeat(rest)), plain(position)], width, paint);
  const shown = paintTitle(title, rest - 1);
  return paintLine([...start, ...shown.line, plain(` ${rule.repeat(Math.max(0, rest - 1 - shown.width))}`), plain(position)], width, paint);
}

function paintTitle(title: Line, room: number): { readonly line: Line; readonly width: number } {
  const line: { tone: Line[number]['tone']; text: string }[] = [];
  let width = 0;
  for (const { tone, text } of title) {
    const clean = cleanText(text);
    const cells = Math.min(cellWidth(clean), Math.max(0, room - width));
    line.push({ tone, text: fit(clean, cells) });
    width += cells;
  }
  return { line, width };
}
