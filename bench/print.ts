import { barHolds, measureHolds, type Bar, type BenchmarkReport, type Table } from './bench.ts';

/** Three significant digits, thousands apart. */
export function formatFigure(figure: number): string {
  if (!Number.isFinite(figure)) return String(figure);
  const digits = Math.abs(figure) >= 100 ? 0 : Math.abs(figure) >= 10 ? 1 : 2;
  return figure.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function formatTable(table: Table): string {
  const cells = [table.columns.map(String), ...table.rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatFigure(cell) : cell)))];
  const widths = table.columns.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number))).join('  '));
  return [table.title, lines[0], widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n');
}

function barRow(bar: Bar): (string | number)[] {
  const figures = bar.measures.map((measure) => `${formatFigure(measure.figure)} ${measure.unit}`).join(' / ');
  const limits = bar.measures.map((measure) => `${measure.want} ${formatFigure(measure.limit)} ${measure.unit}`).join(' or ');
  return [bar.name, figures, limits, barHolds(bar) ? 'held' : 'MISSED'];
}

export function formatReport(report: BenchmarkReport): string {
  const bars: Table = { title: 'Bars', columns: ['bar', 'figure', 'limit', 'verdict'], rows: report.bars.map(barRow) };
  const notes = report.bars.filter((bar) => bar.note !== undefined).map((bar) => `  ${bar.name}: ${bar.note}`);
  return [...report.tables.map(formatTable), formatTable(bars), ...(notes.length > 0 ? [['Notes', ...notes].join('\n')] : [])].join('\n\n');
}

export function reportToJson(name: string, report: BenchmarkReport): string {
  const bars = report.bars.map((bar) => ({ ...bar, held: barHolds(bar), measures: bar.measures.map((measure) => ({ ...measure, held: measureHolds(measure) })) }));
  return JSON.stringify({ benchmark: name, node: process.version, bars, tables: report.tables }, undefined, 2);
}
