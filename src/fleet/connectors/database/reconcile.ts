import { isNetraError } from '../../../core/errors.ts';
import type { SqlDatabase } from '../../data/sql-database.ts';
import type { Outbox, OutboxEntry } from './outbox.ts';
import { writeStatement } from './recorded-write.ts';

export interface Reconciled {
  /** Writes that changed something in PostgreSQL. */
  readonly replayed: number;
  /** Writes that PostgreSQL had already, or held something newer in place of. */
  readonly alreadyThere: number;
  /** Writes that PostgreSQL refuses for good; they stay in the outbox with their reason. */
  readonly refused: number;
}

/** PostgreSQL's memory of which outbox entries it has taken. */
export const reconcileTables = ['CREATE TABLE IF NOT EXISTS fleet_reconciled (write_id TEXT PRIMARY KEY)'] as const;

const batchSize = 50;

/**
 * Carries the outbox over, oldest first, until nothing is pending. May be killed anywhere and run again:
 *
 * 1. A batch and the ids of its writes are committed to PostgreSQL in one transaction; a write whose id
 *    is there is not made again, so that an old value never overwrites what came after it.
 * 2. The batch is marked done in the outbox. Killed before: step 1 finds the ids and makes nothing twice.
 * 3. PostgreSQL forgets the ids, then the outbox the entries. Killed in between: done again next time.
 */
export async function reconcile(outbox: Outbox, postgres: SqlDatabase, signal: AbortSignal): Promise<Reconciled> {
  let total: Reconciled = { replayed: 0, alreadyThere: 0, refused: 0 };
  for (let batch = outbox.pending(batchSize); batch.length > 0; batch = outbox.pending(batchSize)) {
    total = add(total, await carryOver(batch, outbox, postgres, signal));
  }
  for (let ids = outbox.done(batchSize); ids.length > 0; ids = outbox.done(batchSize)) {
    const places = ids.map((_, index) => `$${index + 1}`).join(', ');
    await postgres.query(`DELETE FROM fleet_reconciled WHERE write_id IN (${places})`, ids, { signal });
    outbox.forget(ids);
  }
  return total;
}

async function carryOver(batch: readonly OutboxEntry[], outbox: Outbox, postgres: SqlDatabase, signal: AbortSignal): Promise<Reconciled> {
  try {
    const replayed = await postgres.transaction(
      async (tx) => {
        let changed = 0;
        for (const entry of batch) changed += await replay(entry, tx);
        return changed;
      },
      { signal },
    );
    outbox.markDone(batch);
    return { replayed, alreadyThere: batch.length - replayed, refused: 0 };
  } catch (error) {
    if (!isNetraError(error) || error.code !== 'DATABASE_REFUSED') throw error;
    const [only, ...others] = batch as [OutboxEntry, ...OutboxEntry[]];
    if (others.length === 0) {
      outbox.markRefused(only, error.message);
      return { replayed: 0, alreadyThere: 0, refused: 1 };
    }
    // One bad write must hold back none of the others: one by one, still in order.
    let total: Reconciled = { replayed: 0, alreadyThere: 0, refused: 0 };
    for (const entry of batch) total = add(total, await carryOver([entry], outbox, postgres, signal));
    return total;
  }
}

/** 1 where PostgreSQL changed by it. */
async function replay(entry: OutboxEntry, tx: SqlDatabase): Promise<number> {
  const fresh = await tx.query('INSERT INTO fleet_reconciled (write_id) VALUES ($1) ON CONFLICT (write_id) DO NOTHING RETURNING write_id', [entry.writeId]);
  if (fresh.length === 0) return 0;
  const { sql, parameters } = writeStatement(entry.write);
  return (await tx.query(sql, parameters)).length;
}

function add(left: Reconciled, right: Reconciled): Reconciled {
  return { replayed: left.replayed + right.replayed, alreadyThere: left.alreadyThere + right.alreadyThere, refused: left.refused + right.refused };
}
