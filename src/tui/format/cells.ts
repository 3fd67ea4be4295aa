import stringWidth from 'string-width';

/** ASCII, Latin, and the signs that frames are drawn with: one cell each. */
const narrow = /^[\u0020-\u007E\u00A0-\u00AC\u00AE-\u02FF\u2010-\u2027\u2190-\u21FF\u2400-\u2421\u2500-\u25FC✎✓✗✖✚]*$/;
const knownWidths = new Map<string, number>();
const widthsKept = 4_000;

/** Cells that a text without control characters takes up. */
export function cellWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  const known = knownWidths.get(text);
  if (known !== undefined) return known;
  const width = stringWidth(text);
  if (knownWidths.size >= widthsKept) knownWidths.clear();
  knownWidths.set(text, width);
  return width;
}

/** At most `width` cells of it, the last of them an ellipsis where something was left out. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (cellWidth(text) <= width) return text;
  if (narrow.test(text)) return `${text.slice(0, width - 1)}…`;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += cellWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Exactly `width` cells. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const short = cut(text, width);
  const gap = ' '.repeat(Math.max(0, width - cellWidth(short)));
  return align === 'left' ? short + gap : gap + short;
}

/** In lines of at most `width` cells, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const end = (): void => {
    lines.push(line);
    line = '';
    used = 0;
  };
  for (const word of text.split(' ')) {
    const length = cellWidth(word);
    if (used > 0 && used + 1 + length > room) end();
    if (used > 0) {
      line += ' ';
      used += 1;
    }
    if (used + length <= room) {
      line += word;
      used += length;
      continue;
    }
    for (const piece of piecesOf(word, room)) {
      const cells = cellWidth(piece);
      if (used > 0 && used + cells > room) end();
      line += piece;
      used += cells;
    }
  }
  end();
  return lines;
}

/** Characters as they are seen; a pile of marks that is wider than a line in its parts. */
function piecesOf(word: string, room: number): string[] {
  return Array.from(graphemes.segment(word)).flatMap(({ segment }) => (cellWidth(segment) > room ? Array.from(segment) : [segment]));
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
