import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/journal/events.ts';
import { readJournal } from '../../src/journal/reader.ts';
import { RunningCli, temporaryFolder, type CliOptions } from '../helpers/cli.ts';
import { olderNode } from '../helpers/older-node.ts';
import { processesOf } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

/** What is left of the run whose folder lies below `cwd`; undefined where it had not come to make one. */
async function leftovers(cwd: string): Promise<{ verdict: string; problem?: string; events: JournalEvent[] } | undefined> {
  const folder = join(cwd, '.netra', 'runs');
  const [run] = await readdir(folder).catch(() => []);
  if (run === undefined) return undefined;
  const summary = JSON.parse(await readFile(join(folder, run, 'summary.json'), 'utf8')) as { verdict: string; problem?: string };
  const events: JournalEvent[] = [];
  for await (const event of readJournal(join(folder, run, 'journal.ndjson'))) events.push(event);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  return { ...summary, events };
}

function started(cwd: string, options: Partial<CliOptions> = {}, args: readonly string[] = []): RunningCli {
  return new RunningCli(['run', '--jobs', '1', '--reporting-hosts', '1', ...args], { cwd, ...options });
}

/** No process of the run is there any more, once its own has ended; those that were killed with it take a moment to go. */
async function nothingLeft(cwd: string, withinMs = 0): Promise<void> {
  if (withinMs > 0) await until(async () => (await processesOf(cwd)).length === 0, 'the processes of the run to end', withinMs);
  expect(await processesOf(cwd)).toEqual([]);
}

const older = olderNode();

/** Promised are 3 s on a quiet machine; what runs beside the tests is not the program's doing. */
const withinMs = 6_000;

describe.runIf(process.platform === 'linux')('ending a run (needs /proc to find what is left)', () => {
  it.each([
    ['while services start', 'seed 1'],
    ['while hosts start', 'postgres   ready'],
    ['in mid-job', 'accepted'],
    ['while it shuts down', 'FULL report'],
  ])('P01 Ctrl-C %s: exit 130 within seconds, no process left, verdict unknown', async (_, text) => {
    await using folder = await temporaryFolder();
    await using cli = started(folder.path);
    await cli.printed(text);
    const sentAtMs = performance.now();
    cli.process.kill('SIGINT');
    const { exitCode, stderr } = await cli.finished;
    const tookMs = performance.now() - sentAtMs;
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    expect(tookMs).toBeLessThan(withinMs);
    await nothingLeft(folder.path);
    const left = await leftovers(folder.path);
    expect(left).toMatchObject({ verdict: 'unknown', problem: 'interrupted by Ctrl-C' });
    expect(left?.events.slice(-6).map((event) => event.type)).toContain('run.interrupted');
    expect(left?.events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'unknown' });
    for (const event of left?.events ?? []) if (event.type === 'host.started') expect(() => process.kill(event.pid, 0)).toThrow('ESRCH');
  });

  it('N07 Ctrl-C before anything was started (a model that does not answer): exit 130, nothing written', async () => {
    await using folder = await temporaryFolder();
    const asked = Promise.withResolvers<void>();
    const blackHole = createServer(() => asked.resolve());
    await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
    try {
      await using cli = started(folder.path, {}, ['--infra', 'embedded', '--llm-url', `http://127.0.0.1:${(blackHole.address() as AddressInfo).port}/v1`, '--llm-model', 'm']);
      await asked.promise;
      cli.process.kill('SIGINT');
      expect(await cli.finished).toEqual({ exitCode: 130, stdout: '', stderr: '' });
      expect(await readdir(folder.path)).toEqual([]);
    } finally {
      blackHole.closeAllConnections();
      await new Promise((resolve) => blackHole.close(resolve));
    }
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('F12 %s ends it like Ctrl-C', async (signal) => {
    await using folder = await temporaryFolder();
    await using cli = started(folder.path);
    await cli.printed('seed 1');
    cli.process.kill(signal);
    expect((await cli.finished).exitCode).toBe(130);
    await nothingLeft(folder.path);
    expect(await leftovers(folder.path)).toMatchObject({ verdict: 'unknown', problem: `ended by ${signal}` });
  });

  it('F12 a reader of the output who leaves (`| head -1`) ends it quietly', async () => {
    await using folder = await temporaryFolder();
    await using cli = started(folder.path);
    await cli.printed('seed 1');
    cli.process.stdout?.destroy();
    expect(await cli.finished).toMatchObject({ exitCode: 130, stderr: '' });
    await nothingLeft(folder.path);
    expect(await leftovers(folder.path)).toMatchObject({ verdict: 'unknown', problem: 'the reader of the output is gone' });
  });

  it('F12 killed with -9 in mid-job, it takes everything along; what it had written can be read', async () => {
    await using folder = await temporaryFolder();
    await using cli = started(folder.path);
    await cli.printed('accepted');
    expect((await processesOf(folder.path)).length).toBeGreaterThanOrEqual(6);
    cli.process.kill('SIGKILL');
    await cli.finished;
    await nothingLeft(folder.path, 5_000);
    const left = await leftovers(folder.path);
    expect(left).toMatchObject({ verdict: 'unknown', problem: 'the run was not finished' });
    expect(left?.events.map((event) => event.type)).toContain('job.accepted');
  });

  describe.runIf(older !== undefined)('by its launcher (needs an older Node on the PATH)', () => {
    it('P01 SIGINT sent to the launcher alone is one Ctrl-C, not two', async () => {
      await using folder = await temporaryFolder();
      await using cli = started(folder.path, { node: older as string });
      await cli.printed('postgres   ready');
      cli.process.kill('SIGINT');
      expect((await cli.finished).exitCode).toBe(130);
      await nothingLeft(folder.path);
      expect(await leftovers(folder.path)).toMatchObject({ verdict: 'unknown', problem: 'interrupted by Ctrl-C' });
    });

    it('F12 the launcher killed with -9 takes the program along', async () => {
      await using folder = await temporaryFolder();
      await using cli = started(folder.path, { node: older as string });
      await cli.printed('postgres   ready');
      cli.process.kill('SIGKILL');
      await cli.finished;
      await nothingLeft(folder.path, 5_000);
      expect(await leftovers(folder.path)).toMatchObject({ verdict: 'unknown', problem: 'the program that started this one is gone' });
    });
  });
  it('P01 Ctrl-C twice does not wait: exit 130 at once, run folder readable, nothing left', async () => {
    await using folder = await temporaryFolder();
    await using cli = started(folder.path);
    await cli.printed('control-1    ready');
    cli.process.kill('SIGINT');
    await cli.printed('interrupted (interrupted by Ctrl-C)').catch(() => undefined);
    cli.process.kill('SIGINT');
    expect((await cli.finished).exitCode).toBe(130);
    await nothingLeft(folder.path, withinMs);
    expect(await leftovers(folder.path)).toMatchObject({ verdict: 'unknown' });
  });
});
