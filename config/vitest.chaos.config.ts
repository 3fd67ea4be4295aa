import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Whole scenarios on whole fleets, and other tests of that length: minutes, and therefore no part of `npm test`. */
export default defineConfig({
  root,
  test: {
    name: 'chaos',
    include: ['test/chaos-e2e/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 900_000,
    fileParallelism: false,
    // A fleet is five processes: more than two at once only make each other slow.
    maxConcurrency: 2,
  },
});
