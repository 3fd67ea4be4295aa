import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../src/journal/reader.ts';
import { bin, runCli, RunningCli } from '../helpers/cli.ts';
import { processesOf } from '../helpers/processes.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { canMount, makeReadOnly, tinyDisk } from '../helpers/tiny-disk.ts';

describe('a run folder that cannot be written', () => {
  it('N07 a file in the way: a sentence, exit 69', async () => {
    await using folder = await tempFolder({ '.netra': 'a file' });
    const { exitCode, stdout, stderr } = await runCli(['run', '--infra', 'embedded'], { cwd: folder.path });
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' });
    expect(stderr).toMatch(/^\.netra\/runs\/\S+ cannot be written: a part of the path is a file; choose another folder with --out <dir> \(WORKSPACE_UNWRITABLE\)\n$/);
  });

  it.runIf(process.platform === 'linux')('N07 an output that cannot be written: a sentence, exit 69', async () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [bin, 'runs'], { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    closeSync(full);
    expect({ status, stderr }).toEqual({ status: 69, stderr: 'The output cannot be written: ENOSPC: no space left on device, write; send it somewhere else. (OUTPUT_UNWRITABLE)\n' });
  });

  describe.runIf(canMount())('on disks of its own (needs the right to mount)', () => {
    it('N07 no write access: a sentence, exit 69', async () => {
      await using disk = await tinyDisk(64);
      makeReadOnly(disk.path);
      const { exitCode, stdout, stderr } = await runCli(['run', '--infra', 'embedded'], { cwd: disk.path });
      expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' });
      expect(stderr).toMatch(/^\.netra\/runs\/\S+ cannot be written: no write access; choose another folder with --out <dir> \(WORKSPACE_UNWRITABLE\)\n$/);
    });

    it('N07 a full disk: a sentence, exit 69, before anything is started', async () => {
      await using disk = await tinyDisk(32);
      const { exitCode, stdout, stderr } = await runCli(['run', '--infra', 'embedded'], { cwd: disk.path });
      expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' });
      expect(stderr).toMatch(/^\.netra\/runs\/\S+ cannot be written: the disk is full; choose another folder with --out <dir> \(WORKSPACE_UNWRITABLE\)\n$/);
    });

    it('N07 a disk that fills up in mid-run: a sentence, exit 69, no process left, and what was written can be read', async () => {
      await using disk = await tinyDisk(4_096);
      await using cli = new RunningCli(['run', '--jobs', '2', '--llm-latency-ms', '1000'], { cwd: disk.path });
      await cli.printed('accepted');
      const filler = join(disk.path, 'filler');
      await expect(writeFile(filler, new Uint8Array(8 * 2 ** 20))).rejects.toThrow('ENOSPC');
      const { exitCode, stderr } = await cli.finished;
      expect(exitCode).toBe(69);
      expect(stderr).toMatch(/^\.netra\/runs\/\S+ cannot be written: the disk is full; choose another folder with --out <dir> \(WORKSPACE_UNWRITABLE\)\n$/);
      expect(await processesOf(disk.path)).toEqual([]);
      const [run = ''] = await readdir(join(disk.path, '.netra', 'runs'));
      const folder = join(disk.path, '.netra', 'runs', run);
      expect(JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8'))).toMatchObject({ verdict: 'unknown', problem: 'the run was not finished' });
      const types: string[] = [];
      for await (const event of readJournal(join(folder, 'journal.ndjson'))) types.push(event.type);
      expect(types).toContain('job.accepted');
    });
  });
});
