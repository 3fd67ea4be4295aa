import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cleanUpAfterDeadLabs } from '../../src/chaos/engine/clean-up.ts';
import { processStart } from '../../src/core/process-identity.ts';
import { readUndoFile, undoFileName } from '../../src/chaos/engine/undo-log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('a lab that dies', { timeout: 90_000 }, () => {
  it('F12 killed with -9 in the middle of faults: what does not end by itself is ended by the next start', async () => {
    await using runs = await temporaryFolder();
    const folder = join(runs.path, 'run-1');
    mkdirSync(folder);
    const lab = spawn(process.execPath, [fileURLToPath(new URL('lab-to-kill.ts', import.meta.url)), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const hosts: number[] = [];
    for await (const line of createInterface({ input: lab.stdout })) {
      if (line.startsWith('host ')) hosts.push(Number(line.slice(5)));
      if (line === 'paused') break;
    }
    expect(hosts).toHaveLength(4);
    const started = hosts.map(processStart);
    const children = childrenOf(lab.pid as number);
    expect(children.length).toBeGreaterThanOrEqual(4 + 2);
    lab.kill('SIGKILL');
    await once(lab, 'exit');
    const alive = (pids: readonly number[]): number[] => pids.filter((pid) => processStart(pid) !== undefined);
    await until(() => alive(children).length === 1, 'all but the host that stands still to end by themselves', 10_000);
    const [stopped] = readUndoFile(join(folder, undoFileName))?.undo ?? [];
    expect(stopped).toMatchObject({ kind: 'end-stopped-process', pid: alive(children)[0] });
    expect(started).toContain(stopped?.kind === 'end-stopped-process' ? stopped.started : '');
    const cleaned = await cleanUpAfterDeadLabs(runs.path, systemClock, new AbortController().signal);
    expect(cleaned).toEqual([{ folder, entry: stopped }]);
    expect(alive(children)).toEqual([]);
    expect(await cleanUpAfterDeadLabs(runs.path, systemClock, new AbortController().signal)).toEqual([]);
  });
});

function childrenOf(pid: number): number[] {
  return spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout.trim().split(/\s+/).map(Number);
}
