import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  test: {
    // Much of the time is spent waiting for processes to come and go: a core kept free for that would be wasted.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        root,
        test: { name: 'unit', include: ['test/**/*.test.{ts,tsx}'], exclude: ['test/e2e/**', 'test/chaos-e2e/**', 'test/containers/**'], testTimeout: 20_000, hookTimeout: 30_000 },
      },
      {
        root,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 },
      },
    ],
  },
});
