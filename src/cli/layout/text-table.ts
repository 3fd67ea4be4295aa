import Table from 'cli-table3';
import { characterCount } from './character-count.ts';

/** Where output does not go to a terminal: wide enough to be read in a log. */
const defaultWidth = 100;
const gap = 2;
const leastWidth = 12;

export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Index of the column whose text is wrapped where the table is wider than the terminal. */
  readonly wrapped: number;
  /** Width to keep to; undefined = no terminal. */
  readonly columns: number | undefined;
}

/** A table without lines, its columns two spaces apart; in a terminal too narrow for that, one row below the other. */
export function textTable({ head, rows, wrapped, columns = defaultWidth }: TextTable): string {
  const natural = head.map((_, index) => Math.max(...[head, ...rows].map((row) => textWidth(row[index] ?? ''))));
  const others = natural.reduce((sum, width, index) => sum + gap + (index === wrapped ? 0 : width), -gap);
  const left = columns - others;
  if (left < Math.min(leastWidth, natural[wrapped] as number)) return stacked(head, rows);
  const table = new Table({
    head: [...head],
    chars: { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ' '.repeat(gap) },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    // Where there is room, the library measures: it knows how wide a character is.
    colWidths: natural.map((width, index) => (index === wrapped && width > left ? left : null)),
    wordWrap: true,
  });
  table.push(...rows.map((row) => [...row]));
  return trimLines(table.toString());
}

/** Width of a terminal, or of what is written elsewhere, but never more than `most`. */
export function widthWithin(columns: number | undefined, most: number): number {
  return Math.max(20, Math.min(columns ?? defaultWidth, most));
}

function stacked(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.map(([first = '', ...rest]) => [first, ...rest.map((cell, index) => `  ${head[index + 1]}: ${cell}`)].join('\n')).join('\n');
}

function textWidth(text: string): number {
  return Math.max(...text.split('\n').map(characterCount));
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
