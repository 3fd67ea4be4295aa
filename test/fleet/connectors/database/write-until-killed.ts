/** Run by reconcile.test.ts: writes to the SQLite stand-in in argv[2], one line a durable write, until it is killed. */
import { systemClock } from '../../../../src/core/clock.ts';
import { SqliteFallback } from '../../../../src/fleet/connectors/database/sqlite-fallback.ts';

const fallback = new SqliteFallback({ stateDir: process.argv[2] as string, clock: systemClock });
fallback.setDurable(true);
fallback.ensureTables(['CREATE TABLE IF NOT EXISTS late_jobs (id TEXT PRIMARY KEY, text TEXT NOT NULL)']);
for (let index = 0; ; index++) {
  fallback.write({ table: 'late_jobs', key: { id: `job-${index}` }, row: { text: 'x'.repeat(500) }, conflict: 'keep-first' });
  process.stdout.write(`job-${index}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
