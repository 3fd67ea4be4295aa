import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runEngine } from '../../../src/chaos/engine/run-engine.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { RunningInfra } from '../../../src/infra/provider.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';
import { JournalWriter } from '../../../src/journal/writer.ts';
import { temporaryFolder } from '../../helpers/cli.ts';

/** A port that nobody listens on any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe('a run', () => {
  it('P02 reports that cannot be counted are told, and leave one-report-per-job unknown instead of ending the run', async () => {
    await using folder = await temporaryFolder();
    using journal = new JournalWriter(join(folder.path, 'journal.ndjson'), 'r', systemClock);
    const events: JournalEvent[] = [];
    journal.onEvent((event) => events.push(event));
    const direct = { host: '127.0.0.1', port: await closedPort() };
    let stopped = 0;
    const infra = { provider: 'embedded', services: { postgres: { direct } }, hostEnvironment: {}, onUnexpectedExit: () => () => undefined, stop: async () => void (stopped += 1) } as unknown as RunningInfra;
    const outcome = await runEngine({
      runId: 'r',
      clock: systemClock,
      journal,
      provider: { name: 'embedded', start: async () => infra },
      infra: { seed: '1', logsDir: folder.path, cacheDir: folder.path, llm: { latencyMs: 0, tokensPerSecond: 0 } },
      folder: folder.path,
      hosts: () => [],
      supervisorHost: 'control-1',
      token: 'token-of-the-test',
      workload: { jobs: [], concurrency: 1, jobTimeoutMs: 1_000 },
      handleReport: () => Promise.reject(new Error('there is no report')),
      fleetReadyTimeoutMs: 1_000,
      shutdownGraceMs: { normal: 100, interrupted: 100 },
      signal: new AbortController().signal,
    });
    expect(outcome.verdict).toBe('unknown');
    expect(outcome.checks).toContainEqual(expect.objectContaining({ check: 'one-report-per-job', status: 'unknown' }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'infra.warning', service: 'postgres', message: expect.stringContaining('the reports could not be counted') }));
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'unknown' });
    expect(stopped).toBe(1);
  });
});
