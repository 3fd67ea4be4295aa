import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

describe('netra-resilience/reliability', () => {
  it('R01 is usable by itself, by the name of the package', () => {
    const program = `
      import { ReliabilityManager, createRng, systemClock } from 'netra-resilience/reliability';
      const manager = new ReliabilityManager({ clock: systemClock, rng: createRng('1') });
      let calls = 0;
      const value = await manager.executeSafely(async () => { calls += 1; if (calls < 2) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }); return 'there'; }, 'shop.read', { profile: 'API', idempotent: true, retry: { baseDelayMs: 1 } });
      process.stdout.write(value + ' ' + calls);
    `;
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: root, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toBe('there 2');
  });
});
