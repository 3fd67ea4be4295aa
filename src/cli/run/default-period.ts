import type { Dataset } from '../../fleet/data/dataset.ts';

/**
 * `--from` and `--to` where they are given. Otherwise `to` is the newest order day in the data (the
 * last day of the bundled data where there are no orders to go by), and `from` a year before it:
 * nothing depends on when the command is run.
 */
export function defaultPeriod(dataset: Dataset | undefined, from: string | undefined, to: string | undefined): { from: string; to: string } {
  const end = to ?? newestOrderDay(dataset) ?? '2025-12-31';
  return { from: from ?? aYearBefore(end), to: end };
}

function newestOrderDay(dataset: Dataset | undefined): string | undefined {
  const orders = dataset?.tables.get('orders');
  const column = orders?.columns.indexOf('ordered_on') ?? -1;
  if (orders === undefined || column === -1) return undefined;
  return orders.rows.reduce<string | undefined>((newest, row) => {
    const day = row[column];
    return typeof day === 'string' && (newest === undefined || day > newest) ? day : newest;
  }, undefined);
}

/** 2025-12-31 → 2025-01-01: twelve months that end with `day`. */
function aYearBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  date.setUTCFullYear(date.getUTCFullYear() - 1);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}
