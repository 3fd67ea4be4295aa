import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, temporaryFolder, type CliResult } from '../helpers/cli.ts';

interface Summary {
  v: number;
  run_id: string;
  verdict: string;
  jobs: { run_id: string; user_id: string; success: boolean; level: string; sections: string[]; report_path: string; missing_data: string[] }[];
  timings: { infra_ready_ms: number; fleet_ready_ms: number; first_report_ms: number; total_ms: number; services: Record<string, unknown> };
  run_dir: string;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
/** Seed 7, three jobs, in the folder `first`; what each test looks at from another side. */
let first: CliResult;

beforeAll(async () => {
  folder = await temporaryFolder();
  first = await runCli(['run', '--json', '--seed', '7', '--jobs', '3', '--out', 'first'], { cwd: folder.path });
});
afterAll(() => folder[Symbol.asyncDispose]());

async function reportsOf(run: string): Promise<Record<string, string>> {
  const reports = join(folder.path, run, 'reports');
  const names = (await readdir(reports)).toSorted((a, b) => a.localeCompare(b));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(reports, name), 'utf8')] as const)));
}

describe('netra-resilience run', () => {
  it('P01 --json prints exactly one object, progress goes to stderr; the run folder holds what the object names', async () => {
    const { exitCode, stdout, stderr } = first;
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({ v: 1, verdict: 'pass', provider: 'embedded', seed: '7', run_dir: 'first' });
    expect(summary.jobs).toHaveLength(3);
    for (const job of summary.jobs) {
      expect(job).toMatchObject({ success: true, resumed_sections: 0 });
      expect(job.sections).toEqual(['summary', 'data_analysis', 'recommendations', 'action_items']);
      expect(await readFile(join(folder.path, job.report_path), 'utf8')).toMatch(/^# /);
    }
    const { services, ...timings } = summary.timings;
    expect(Object.values(timings).every((value) => value > 0)).toBe(true);
    expect(Object.keys(services).toSorted()).toEqual(['kafka', 'llm', 'postgres', 'redis', 'toxiproxy']);
    const runFolder = join(folder.path, summary.run_dir);
    expect(JSON.parse(await readFile(join(runFolder, 'summary.json'), 'utf8'))).toEqual(summary);
    expect((await readdir(join(runFolder, 'logs'))).filter((name) => name.endsWith('.ndjson'))).toEqual(expect.arrayContaining(['business-1.ndjson', 'control-1.ndjson', 'reporting-1.ndjson', 'reporting-2.ndjson']));
    const [choice, ...progress] = stderr.trimEnd().split('\n');
    expect(choice).toMatch(/^auto chooses embedded: /);
    for (const line of progress) expect(line).toMatch(/^ *\d+\.\d\ds {2}\S/);
    expect(stderr.match(/FULL report, 4 sections/g)).toHaveLength(3);
  });

  it('P01 its journal has no gaps and ends with the verdict; no process that it names is left', async () => {
    const journal = (await readFile(join(folder.path, 'first', 'journal.ndjson'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as { seq: number; type: string; pid?: number });
    expect(journal.map((event) => event.seq)).toEqual(journal.map((_, index) => index + 1));
    expect(journal.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'pass' });
    const hosts = journal.filter((event) => event.type === 'host.started');
    expect(hosts).toHaveLength(4);
    for (const { pid } of hosts) expect(() => process.kill(pid as number, 0)).toThrow('ESRCH');
  });

  it('P01 the same seed gives byte-identical reports twice, another seed does not; runs beside each other do not meet', async () => {
    const again = (seed: string, out: string): Promise<CliResult> => runCli(['run', '--seed', seed, '--jobs', '3', '--quiet', '--out', out], { cwd: folder.path });
    const [second, other] = await Promise.all([again('7', 'second'), again('8', 'other')]);
    expect([second, other].map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual([{ exitCode: 0, stderr: '' }, { exitCode: 0, stderr: '' }]);
    const reports = await reportsOf('first');
    expect(Object.keys(reports)).toEqual(['job-1.json', 'job-1.md', 'job-2.json', 'job-2.md', 'job-3.json', 'job-3.md']);
    expect(await reportsOf('second')).toEqual(reports);
    expect(await reportsOf('other')).not.toEqual(reports);
    expect(second.stdout).toMatch(/^verdict pass {3}3 reports in second\/reports/m);
  });

  it('D11 --control makes the same reports with resilience switched off', async () => {
    const { exitCode, stdout } = await runCli(['run', '--json', '--quiet', '--jobs', '1', '--control', '--out', 'control'], { cwd: folder.path });
    expect(exitCode).toBe(0);
    expect((JSON.parse(stdout) as Summary).jobs[0]).toMatchObject({ success: true, level: 'FULL' });
    const journal = await readFile(join(folder.path, 'control', 'journal.ndjson'), 'utf8');
    expect(journal).toContain('"control":true');
    expect(journal).not.toContain('"checkpoint.saved"');
  });
});
