import { z } from 'zod';
import { displayValue } from '../../data/display.ts';
import { DataMissingError, RecordNotFoundError } from '../../data/error-codes.ts';
import type { QueryOptions, SqlValue } from '../../data/sql-database.ts';
import type { ActionContext } from '../action.ts';

/** An id as callers give it. */
export const idSchema = z.string().min(1).max(200);

/** An amount in an answer: minor units, and how to show them. */
export const moneySchema = z.object({ minor_units: z.number().int(), currency: z.string(), display: z.string() });

export function toMoney(minorUnits: number, currency: string): z.infer<typeof moneySchema> {
  return { minor_units: minorUnits, currency, display: displayValue(minorUnits, 'money', currency) };
}

function callOptions({ signal, deadline, correlationId }: ActionContext): QueryOptions {
  return { signal, correlationId, ...(deadline === undefined ? {} : { deadline }) };
}

/** Rows of a question's query. */
export function select<Row extends object>(context: ActionContext, sql: string, ...parameters: SqlValue[]): Promise<Row[]> {
  return context.database.query<Row>(sql, parameters, callOptions(context));
}

/**
 * The record whose key is `id`. Throws DataMissingError where the table holds nothing at all, and
 * RecordNotFoundError where it holds others.
 */
export async function findRecord<Row extends object>(context: ActionContext, table: string, keyColumn: string, id: string): Promise<Row> {
  const [row] = await select<Row>(context, `SELECT * FROM ${table} WHERE ${keyColumn} = $1`, id);
  if (row !== undefined) return row;
  await requireRows(context, table);
  throw new RecordNotFoundError(`${table} holds no ${keyColumn} "${id}"`, { context: { table, id } });
}

/** Throws DataMissingError where the table is empty: an empty list would read like an answer. */
export async function requireRows(context: ActionContext, table: string): Promise<void> {
  const [counted] = await select<{ present: number }>(context, `SELECT COUNT(*) AS present FROM ${table}`);
  if (counted?.present === 0) throw new DataMissingError(`the table ${table} was not given, or holds nothing`, { context: { table } });
}
