import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { engineProblem } from '../test/containers/engine.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

// With CI=true nothing is skipped: the files are there, and their set-up fails.
const problem = process.env['CI'] === 'true' ? undefined : engineProblem();
if (problem !== undefined) process.stdout.write(`test:containers skipped: ${problem}\n`);

/** What needs a container engine; nothing is run where none answers. */
export default defineConfig({
  root,
  test: {
    name: 'containers',
    include: problem === undefined ? ['test/containers/**/*.test.ts'] : [],
    passWithNoTests: problem !== undefined,
    globalSetup: ['test/containers/set-up.ts'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // Each file has servers in containers of its own.
    fileParallelism: false,
  },
});
