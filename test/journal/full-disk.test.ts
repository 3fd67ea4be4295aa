import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { JournalFact } from '../../src/journal/events.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import { canMount, tinyDisk } from '../helpers/tiny-disk.ts';

const fact: JournalFact = { type: 'infra.warning', service: 'redis', message: 'x'.repeat(150) };

describe.runIf(canMount())('JournalWriter on a full disk (needs the right to mount)', () => {
  it('N07 tells once, drops what follows, and leaves only whole lines', async () => {
    await using disk = await tinyDisk(32);
    const path = join(disk.path, 'journal.ndjson');
    using journal = new JournalWriter(path, 'r1', systemClock);
    const failures: unknown[] = [];
    journal.onFailure((error) => failures.push((error as NodeJS.ErrnoException).code));
    let told = 0;
    journal.onEvent(() => {
      told += 1;
    });
    for (let count = 0; count < 400; count++) journal.append(fact);
    expect(failures).toEqual(['ENOSPC']);
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect(lines.at(-1)).toBe('');
    expect(lines.slice(0, -1).map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(Array.from({ length: told }, (_, index) => index + 1));
    expect(told).toBeGreaterThan(50);
  });

  it('N07 throws at whoever told the fact where nobody listens for it', async () => {
    await using disk = await tinyDisk(16);
    using journal = new JournalWriter(join(disk.path, 'journal.ndjson'), 'r1', systemClock);
    expect(() => {
      for (let count = 0; count < 400; count++) journal.append(fact);
    }).toThrow('ENOSPC');
  });
});
