// One of several processes that write through the same server. Arguments: port, transactions.
import { Pool } from 'pg';

const [port, transactions] = process.argv.slice(2).map(Number) as [number, number];
const pool = new Pool({ host: '127.0.0.1', port, user: 'netra', database: 'postgres', max: 4 });

async function increment(): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ value: number }>({ name: 'read', text: 'SELECT value FROM counter WHERE id = $1', values: [1] });
    // Anybody's statement in between would lose an update.
    await new Promise((resolve) => setImmediate(resolve));
    await client.query({ name: 'write', text: 'UPDATE counter SET value = $1 WHERE id = $2', values: [(rows[0]?.value ?? 0) + 1, 1] });
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  await pool.query('INSERT INTO seen(process) VALUES ($1)', [process.pid]);
}

await Promise.all(Array.from({ length: transactions }, increment));
await pool.end();
