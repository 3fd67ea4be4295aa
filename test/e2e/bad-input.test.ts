import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

describe('bad input', () => {
  it('N07 everything wrong is told at once, one line each; exit 64, nothing on stdout, nothing started, nothing written', async () => {
    await using folder = await tempFolder({ 'jobs.yaml': '- question: Why?\n- queston: How?\n', 'data/orders.csv': 'order_id,custmer_id\nO1,C1\n', 'data/nonsense.csv': 'x\n' });
    const before = await readdir(folder.path, { recursive: true });
    const { exitCode, stdout, stderr } = await runCli(['run', '--jbos', '3', '--concurrency', '-1', '--to', '2025-02-30', '--jobs-file', 'jobs.yaml', '--data', 'data', '--json'], { cwd: folder.path });
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    for (const start of ['--jbos: ', '--concurrency: ', '--to: ', 'data/nonsense.csv: ', 'data/orders.csv:1:1: ', 'jobs.yaml:2:3: ']) expect(lines).toContainEqual(expect.stringContaining(start));
    for (const line of lines) expect(line).toMatch(/^[^\s:]+(:\d+(:\d+)?)?: .+; .+$/);
    expect(await readdir(folder.path, { recursive: true })).toEqual(before);
  });

  it('F05 a row that cannot be used is counted and listed in the summary, and what is absent lowers the level', async () => {
    await using folder = await tempFolder({
      'shop/mapping.yaml': 'tables:\n  orders:\n    file: bestellungen.csv\n    columns: {order_id: Nr, customer_id: Kunde, ordered_on: {column: Datum, format: DD.MM.YYYY}, total: Betrag}\n    defaults: {currency: EUR}\n',
      'shop/bestellungen.csv': 'Nr;Datum;Kunde;Betrag\nB1;31.01.2025;Müller;1234.50\nB2;31.02.2025;Weiß;17\nB3;01.02.2025;"Groß\nKG";99.90\nB3;01.02.2025;"Groß\nKG";99.90\nB4;02.02.2025;Klein;viel\n',
    });
    const { exitCode, stdout, stderr } = await runCli(['run', '--json', '--data', 'shop', '--jobs', '1', '--question', 'How did revenue develop?', '--out', 'run'], { cwd: folder.path });
    const summary = JSON.parse(stdout) as { verdict: string; data: Record<string, unknown>[]; jobs: { level: string; missing_data: string[] }[] };
    expect({ exitCode, verdict: summary.verdict }).toEqual({ exitCode: 0, verdict: 'pass' });
    expect(summary.data).toHaveLength(1);
    expect(summary.data[0]).toMatchObject({
      table: 'orders',
      rows_read: 5,
      rows_used: 2,
      rows_rejected: 2,
      duplicates: 1,
      rejected: [
        { line: 3, column: 'Datum', reason: expect.stringContaining('31.02.2025') as string },
        { line: 8, column: 'Betrag', reason: expect.stringContaining('viel') as string },
      ],
    });
    expect(stderr).toMatch(/bestellungen\.csv: 2 of 5 rows cannot be used/);
    expect(summary.jobs[0]?.level).not.toBe('FULL');
    expect(summary.jobs[0]?.missing_data.length).toBeGreaterThan(0);
    expect(JSON.parse(await readFile(join(folder.path, 'run', 'summary.json'), 'utf8'))).toEqual(summary);
    expect(await readFile(join(folder.path, 'run', 'reports', 'job-1.md'), 'utf8')).toContain('1,334.40 EUR');
  });
});
