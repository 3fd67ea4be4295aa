import type { ChalkInstance } from 'chalk';
import Table from 'cli-table3';

const textWidth = 96;

/** Our reports' markdown (headings, paragraphs, lists, quotations, tables, emphasis) as text for a terminal: wrapped, painted. */
export function readableMarkdown(markdown: string, paint: ChalkInstance): string {
  const blocks = markdown.trimEnd().split(/\n{2,}/);
  return `${blocks.map((block) => renderBlock(block, paint)).join('\n\n')}\n`;
}

function renderBlock(block: string, paint: ChalkInstance): string {
  const heading = /^(#{1,6}) (.*)$/.exec(block);
  if (heading !== null) return heading[1] === '#' ? paint.bold.underline(heading[2]) : paint.bold(heading[2]);
  const lines = block.split('\n');
  if (lines.every((line) => line.startsWith('|'))) return renderTable(lines);
  if (lines.every((line) => line.startsWith('- '))) return lines.map((line) => wrap(emphasis(line.slice(2), paint), textWidth - 4, '  • ', '    ')).join('\n');
  if (lines.every((line) => line.startsWith('>'))) return lines.map((line) => paint.italic(wrap(line.replace(/^> ?/, ''), textWidth - 4, '  │ ', '  │ '))).join('\n');
  return wrap(emphasis(lines.join(' '), paint), textWidth, '', '');
}

function renderTable(lines: readonly string[]): string {
  const rows = lines.filter((line) => !/^\|[-:| ]+\|$/.test(line)).map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\([\\|])/g, '$1')));
  const [head = [], ...body] = rows;
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true }, wordWrap: true, colWidths: head.map((_, index) => (index === 0 ? 52 : index === 1 ? 30 : null)) });
  table.push(...body);
  return table.toString();
}

/** `**bold**`, `_italic_`, and backslashes before what would otherwise be markup. */
function emphasis(text: string, paint: ChalkInstance): string {
  return text
    .replace(/\*\*([^*]+)\*\*/g, (_, inner: string) => paint.bold(inner))
    .replace(/^_([^_]+)_$/, (_, inner: string) => paint.italic(inner))
    .replace(/^\\(?=[#>|`~=+*-])/, '');
}

function wrap(text: string, width: number, first: string, rest: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((each, index) => (index === 0 ? first : rest) + each).join('\n');
}
