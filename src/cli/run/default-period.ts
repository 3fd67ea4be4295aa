import type { Problems } from '../../core/problems.ts';
import type { Dataset } from '../../fleet/data/dataset.ts';
import { isDate } from './run-options.ts';

/** Last day of the bundled data: what there is to go by where the data has no orders. */
const fallbackEnd = '2025-12-31';

export interface Period {
  readonly from: string;
  readonly to: string;
}

/**
 * `--from` and `--to` where they are given. Otherwise `to` is the newest order day in the data and `from`
 * three months before it, so that there is a period before to compare with: nothing depends on when the
 * command is run.
 */
export function choosePeriod(dataset: Dataset | undefined, from: string | undefined, to: string | undefined, problems: Problems): Period {
  const end = to ?? newestOrderDay(dataset) ?? fallbackEnd;
  // Without data it is not known where the period would have ended.
  if (from !== undefined && isDate(from) && to === undefined && dataset !== undefined && from > end) problems.add('--from', `${from} is after ${end}, the newest day in the data`, 'choose an earlier day, or say with --to where the period ends');
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
  if (!isDate(day)) return day;
  // The day after `day` first: the last of a month less three months may be no day at all.
  date.setUTCDate(date.getUTCDate() + 1);
  const wanted = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() - 3);
  if (date.getUTCDate() !== wanted) date.setUTCDate(0);
  return date.toISOString().slice(0, 10);
}
