import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

async function measure(what: string): Promise<Record<string, number>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', fileURLToPath(new URL('./memory.fixture.ts', import.meta.url)), what], { timeout: 60_000 });
  return JSON.parse(stdout) as Record<string, number>;
}

describe('memory', () => {
  test('R13 the heap is flat over a million calls, failed and aborted ones among them', async () => {
    const { grownBytes, timers, calls } = await measure('calls');
    expect(calls).toBeGreaterThan(1_000_000);
    expect(timers).toBe(0);
    expect(grownBytes).toBeLessThan(500_000);
  }, 60_000);

  test('R13 a breaker takes at most 400 bytes, of any kind, among ten thousand that were used', async () => {
    const sizes = await measure('breakers');
    expect(Object.keys(sizes)).toEqual(['consecutive', 'count', 'time']);
    for (const bytes of Object.values(sizes)) expect(bytes).toBeLessThanOrEqual(400);
  });
});
