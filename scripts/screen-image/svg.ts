import type { Stretch } from './cells.ts';

const cell = { width: 8.4, height: 17 } as const;
const margin = 14;
const barHeight = 30;
const colours = {
  background: '#14181f',
  frame: '#2b323d',
  text: '#d6dbe4',
  palette: ['#3b4252', '#f07178', '#9ecb6d', '#f0c674', '#7aa6f0', '#c792ea', '#6fc7d6', '#d6dbe4', '#6b7485', '#ff8b92', '#b7e07f', '#ffdb8a', '#9cc0ff', '#dcb0ff', '#8fe0ee', '#ffffff'],
} as const;

/** A picture of a terminal: text stays text, so that it can be searched, selected and read out. */
export function terminalSvg(stretches: readonly Stretch[], { columns, rows, title, description }: { columns: number; rows: number; title: string; description: string }): string {
  const width = Math.ceil(columns * cell.width + margin * 2);
  const height = Math.ceil(rows * cell.height + margin * 2 + barHeight);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">
<title id="title">${escape(title)}</title>
<desc id="description">${escape(description)}</desc>
<rect width="${width}" height="${height}" rx="8" fill="${colours.background}" stroke="${colours.frame}"/>
<g fill="${colours.frame}"><circle cx="20" cy="18" r="5"/><circle cx="38" cy="18" r="5"/><circle cx="56" cy="18" r="5"/></g>
<text x="${width / 2}" y="22" fill="${colours.palette[8]}" text-anchor="middle" font-family="ui-sans-serif, system-ui, sans-serif" font-size="12">${escape(title)}</text>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13.5">
${stretches.map(stretchText).join('\n')}
</g>
</svg>
`;
}

function stretchText({ row, column, width, text, colour, background, bold, dim, inverse }: Stretch): string {
  const x = round(margin + column * cell.width);
  const y = round(margin + barHeight + row * cell.height);
  const length = round(width * cell.width);
  const front = colour === undefined ? colours.text : (colours.palette[colour] ?? colours.text);
  const back = background === undefined ? undefined : colours.palette[background];
  const [fill, behind] = inverse ? [back ?? colours.background, front] : [front, back];
  if (text === '') return behind === undefined ? '' : `<rect x="${x}" y="${y}" width="${length}" height="${cell.height}" fill="${behind}"/>`;
  // Whatever font there is, each stretch is as wide as its cells.
  return `<text x="${x}" y="${round(y + cell.height * 0.75)}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${fill}"${bold ? ' font-weight="700"' : ''}${dim ? ' opacity="0.65"' : ''}>${escape(text)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
