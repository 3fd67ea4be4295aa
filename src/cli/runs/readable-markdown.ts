import type { ChalkInstance } from 'chalk';
import { textTable, widthWithin } from '../layout/text-table.ts';

const mostWidth = 96;

interface Look {
  readonly paint: ChalkInstance;
  /** Width of the terminal; undefined = there is none. */
  readonly columns: number | undefined;
}

/** Our reports' markdown (headings, paragraphs, lists, quotations, tables, emphasis) as text for a terminal: wrapped, painted. */
export function readableMarkdown(markdown: string, { paint, columns }: Look): string {
  const width = widthWithin(columns, mostWidth);
  // What a model wrote must not be able to drive the terminal.
  const blocks = markdown.replaceAll(/(?!\n)\p{Cc}/gu, ' ').trimEnd().split(/\n{2,}/);
  return `${blocks.map((block) => renderBlock(block, width, paint)).join('\n\n')}\n`;
}

function renderBlock(block: string, width: number, paint: ChalkInstance): string {
  const heading = /^(#{1,6}) (.*)$/.exec(block);
  if (heading !== null) return wrap(heading[2] as string, width, '', '', heading[1] === '#' ? paint.bold.underline : paint.bold);
  const lines = block.split('\n');
  if (lines.every((line) => line.startsWith('|'))) return renderTable(lines, width);
  if (lines.every((line) => line.startsWith('- '))) return lines.map((line) => wrap(line.slice(2), width, '  • ', '    ', emphasis(paint))).join('\n');
  if (lines.every((line) => line.startsWith('>'))) return lines.map((line) => wrap(line.replace(/^> ?/, ''), width, '  │ ', '  │ ', paint.italic)).join('\n');
  return wrap(lines.join(' ').replace(/^\\(?=[#>|`~=+*-])/, ''), width, '', '', emphasis(paint));
}

function renderTable(lines: readonly string[], width: number): string {
  const rows = lines.filter((line) => !/^\|[-:| ]+\|$/.test(line)).map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll(/\\([\\|])/g, '$1')));
  const [head = [], ...body] = rows;
  return textTable({ head, rows: body, wrapped: 0, columns: width });
}

/** `**bold**`, and a line that is `_italic_` as a whole. */
function emphasis(paint: ChalkInstance): (text: string) => string {
  return (text) => text.replaceAll(/\*\*([^*]+)\*\*/g, (_, inner: string) => paint.bold(inner)).replace(/^_([^_]+)_$/, (_, inner: string) => paint.italic(inner));
}

/** Wrapped first and painted after: colours have no width. */
function wrap(text: string, width: number, first: string, rest: string, decorate: (line: string) => string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && first.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((each, index) => (index === 0 ? first : rest) + decorate(each)).join('\n');
}
