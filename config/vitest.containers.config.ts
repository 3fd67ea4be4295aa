import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { engineProblem } from '../test/containers/engine.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const problem = engineProblem();
if (problem !== undefined) {
  if (process.env['CI'] === 'true') throw new Error(`test:containers must not be skipped under CI=true: ${problem}`);
  process.stdout.write(`test:containers skipped: ${problem}\n`);
}

/** What needs a container engine; nothing is run where none answers. */
export default defineConfig({
  root,
  test: {
    name: 'containers',
    include: problem === undefined ? ['test/containers/**/*.test.ts'] : [],
    passWithNoTests: problem !== undefined,
    globalSetup: ['test/containers/local-image-names.ts'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // Each file has servers in containers of its own.
    fileParallelism: false,
  },
});
