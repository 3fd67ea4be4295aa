import { characterCount } from './character-count.ts';

const leastWidth = 20;

/** A line broken at spaces where the terminal is narrower, what follows set in by `indent`; as it is where there is no terminal. */
export function hangingLine(text: string, indent: number, columns: number | undefined): string {
  if (columns === undefined || characterCount(text) <= columns) return text;
  const width = Math.max(leastWidth, columns);
  const inset = ' '.repeat(Math.min(indent, width - leastWidth));
  const lines: string[] = [];
  let line = '';
  // Gaps stay as they are within a line: they align it with its neighbours.
  for (const [, gap = '', word = ''] of text.matchAll(/( *)([^ ]+)/g)) {
    if (line.trim() !== '' && characterCount(line + gap + word) > width) {
      lines.push(line);
      line = inset + word;
    } else line += gap + word;
  }
  return [...lines, line].join('\n');
}
