import type { Dataset } from '../../fleet/data/dataset.ts';

/**
 * `--from` and `--to` where they are given. Otherwise `to` is the newest order day in the data (the
 * last day of the bundled data where there are no orders to go by), and `from` three months before it, so that there is a period before to compare with:
 * nothing depends on when the command is run.
 */
export function defaultPeriod(dataset: Dataset | undefined, from: string | undefined, to: string | undefined): { from: string; to: string } {
  const end = to ?? newestOrderDay(dataset) ?? '2025-12-31';
  return { from: from ?? threeMonthsBefore(end), to: end };
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

/** 2025-12-31 → 2025-10-01: three months that end with `day`. */
function threeMonthsBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  // The day after `day` first: the last of a month less three months may be no day at all.
  date.setUTCDate(date.getUTCDate() + 1);
  const wanted = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() - 3);
  if (date.getUTCDate() !== wanted) date.setUTCDate(0);
  return date.toISOString().slice(0, 10);
}
