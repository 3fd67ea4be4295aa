import xterm from '@xterm/headless';
import stringWidth from 'string-width';

/** A run of neighbouring cells that look alike. */
export interface Stretch {
  readonly row: number;
  readonly column: number;
  readonly width: number;
  readonly text: string;
  /** 0..15; undefined for the terminal's own. */
  readonly colour: number | undefined;
  readonly background: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
}

/** Lines with their escape sequences, as a terminal would show them. Blank stretches are left out, and none begins, ends or is torn by blanks: SVG collapses them. */
export async function stretchesOf(lines: readonly string[], columns: number): Promise<Stretch[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows: lines.length, allowProposedApi: true, convertEol: true });
  await new Promise<void>((resolve) => terminal.write(lines.join('\n'), resolve));
  const found = lines.flatMap((_, row) => rowOf(terminal, row, columns)).flatMap(words);
  terminal.dispose();
  return found;
}

function words(stretch: Stretch): Stretch[] {
  // Behind a colour of its own blanks are seen: they are drawn as the box of the whole stretch.
  const box = stretch.background !== undefined || stretch.inverse ? [{ ...stretch, text: '' }] : [];
  const parts = Array.from(stretch.text.matchAll(/\S+(?: \S+)*/g), (match) => ({ ...stretch, text: match[0], column: stretch.column + stringWidth(stretch.text.slice(0, match.index)), width: stringWidth(match[0]) }));
  return [...box, ...parts];
}

function rowOf(terminal: xterm.Terminal, row: number, columns: number): Stretch[] {
  const line = terminal.buffer.active.getLine(row);
  const stretches: Stretch[] = [];
  for (let column = 0; column < columns; column += 1) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const look = {
      colour: cell.isFgPalette() ? cell.getFgColor() : undefined,
      background: cell.isBgPalette() ? cell.getBgColor() : undefined,
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
      inverse: cell.isInverse() !== 0,
    };
    const last = stretches.at(-1);
    const text = cell.getChars() || ' ';
    const same = last !== undefined && last.colour === look.colour && last.background === look.background && last.bold === look.bold && last.dim === look.dim && last.inverse === look.inverse;
    if (same && last.column + last.width === column) stretches[stretches.length - 1] = { ...last, text: last.text + text, width: last.width + cell.getWidth() };
    else stretches.push({ row, column, width: cell.getWidth(), text, ...look });
  }
  return stretches;
}
