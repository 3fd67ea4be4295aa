import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('N07 a timer in the past, as kafkajs sets it, is no warning for the user; others are told', () => {
  const module = JSON.stringify(fileURLToPath(new URL('../../src/cli/node-warnings.ts', import.meta.url)));
  const script = `import { filterWarnings } from ${module}; filterWarnings(process.stderr); setTimeout(() => {}, -5); process.emitWarning('look here', 'OtherWarning');`;
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', timeout: 15_000 });
  expect(status).toBe(0);
  expect(stderr).toBe('(node) OtherWarning: look here\n');
});
