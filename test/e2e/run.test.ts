import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from '../helpers/cli.ts';

interface Summary {
  v: number;
  run_id: string;
  verdict: string;
  jobs: { run_id: string; user_id: string; success: boolean; level: string; sections: string[]; report_path: string; missing_data: string[] }[];
  timings: Record<string, number>;
  run_dir: string;
}

async function reportsOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)));
}

describe('netra-resilience run', () => {
  it('P01 --json prints exactly one object; the run folder holds what it names; nothing is left running', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout, stderr } = await runCli(['run', '--json', '--jobs', '2'], { cwd: folder.path });
    expect(stderr).toContain('job-1');
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({ v: 1, verdict: 'pass', provider: 'embedded', seed: '1' });
    expect(summary.jobs).toHaveLength(2);
    for (const job of summary.jobs) {
      expect(job).toMatchObject({ success: true, resumed_sections: 0 });
      expect(job.sections).toEqual(['summary', 'data_analysis', 'recommendations', 'action_items']);
      expect(await readFile(join(folder.path, job.report_path), 'utf8')).toMatch(/^# /);
    }
    expect(Object.values(summary.timings).every((value) => value > 0)).toBe(true);
    const runFolder = join(folder.path, summary.run_dir);
    expect(JSON.parse(await readFile(join(runFolder, 'summary.json'), 'utf8'))).toEqual(summary);
    const journal = (await readFile(join(runFolder, 'journal.ndjson'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as { seq: number; type: string; pid?: number });
    expect(journal.map((event) => event.seq)).toEqual(journal.map((_, index) => index + 1));
    expect(journal.at(-1)?.type).toBe('run.finished');
    for (const { pid } of journal.filter((event) => event.type === 'host.started')) expect(() => process.kill(pid as number, 0)).toThrow('ESRCH');
    expect((await readdir(join(runFolder, 'logs'))).filter((name) => name.endsWith('.ndjson'))).toEqual(expect.arrayContaining(['business-1.ndjson', 'control-1.ndjson', 'reporting-1.ndjson', 'reporting-2.ndjson']));
  });

  it('P01 the same seed gives byte-identical reports twice, another seed does not', async () => {
    await using folder = await temporaryFolder();
    const run = async (seed: string, out: string): Promise<Record<string, string>> => {
      const { exitCode, stderr } = await runCli(['run', '--seed', seed, '--jobs', '3', '--quiet', '--out', out], { cwd: folder.path });
      expect(stderr).toBe('');
      expect(exitCode).toBe(0);
      return reportsOf(join(folder.path, out, 'reports'));
    };
    const first = await run('7', 'first');
    const second = await run('7', 'second');
    const other = await run('8', 'other');
    expect(Object.keys(first)).toEqual(['job-1.json', 'job-1.md', 'job-2.json', 'job-2.md', 'job-3.json', 'job-3.md']);
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('D11 --control makes the same reports with resilience switched off', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout } = await runCli(['run', '--json', '--quiet', '--jobs', '1', '--control', '--out', 'run'], { cwd: folder.path });
    expect(exitCode).toBe(0);
    expect((JSON.parse(stdout) as Summary).jobs[0]).toMatchObject({ success: true, level: 'FULL' });
    const journal = await readFile(join(folder.path, 'run', 'journal.ndjson'), 'utf8');
    expect(journal).toContain('"control":true');
    expect(journal).not.toContain('"checkpoint.saved"');
  });
});
