import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChaosReport } from '../../src/reporters/chaos-report.ts';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { tempFolder, type TempFolder } from '../helpers/temp-folder.ts';

const tiny = (name: string, fault: string, rest = ''): string => `name: ${name}
description: As small as a scenario can be.
workload: { jobs: 1 }
fleet: { reporting_hosts: 1 }
infra: { llm_latency: 20ms, llm_tokens_per_second: 5000 }
faults:
  - ${fault}
${rest}`;
const slowRedis = '{ type: latency, target: redis, at: 0s, latency: 20ms }';

function scenarios(): Promise<TempFolder> {
  return tempFolder({
    'scenarios/holds.yaml': tiny('holds', slowRedis),
    'scenarios/breaks.yaml': tiny('breaks', slowRedis, 'expect:\n  - { check: resumed, at_least: 1 }\n'),
    'scenarios/nothing-happens.yaml': tiny('nothing-happens', '{ type: latency, target: redis, after: { event: checkpoint.saved, count: 900 }, latency: 20ms }'),
    'scenarios/lasts.yaml': tiny('lasts', slowRedis).replace('llm_latency: 20ms', 'llm_latency: 30s'),
    'broken.yaml': tiny('broken', slowRedis, 'expcet: []\n'),
  });
}

describe('netra-resilience chaos', () => {
  it('P02 exit codes 0, 1 and 2 are the verdicts; 64 is a scenario that cannot be run, 69 infrastructure that is not there; a replay says the same', async () => {
    await using folder = await scenarios();
    const cwd = folder.path;
    const [pass, fail, unknown, usage, unavailable] = await Promise.all([
      runCli(['chaos', 'holds', '--json', '--reporter', 'junit'], { cwd }),
      runCli(['chaos', 'breaks', '--quiet'], { cwd }),
      runCli(['chaos', 'nothing-happens', '--json', '--quiet'], { cwd }),
      runCli(['chaos', 'broken.yaml'], { cwd }),
      runCli(['chaos', 'holds', '--infra', 'external', '--redis', 'redis://127.0.0.1:1', '--kafka', '127.0.0.1:1', '--postgres', 'postgres://x@127.0.0.1:1/x'], { cwd }),
    ]);
    expect([pass, fail, unknown, usage, unavailable].map(({ exitCode }) => exitCode)).toEqual([0, 1, 2, 64, 69]);
    expect([fail.stderr, unknown.stderr]).toEqual(['', '']);
    expect(usage.stderr).toMatch(/^broken\.yaml:8:1: "expcet" means nothing here; did you mean "expect"\?/);

    expect(pass.stdout.trimEnd().split('\n')).toHaveLength(1);
    const report = JSON.parse(pass.stdout) as ChaosReport;
    expect(report).toMatchObject({ v: 1, verdict: 'pass', scenarios: [{ name: 'holds', seed: '1', provider: 'embedded', faults: [{ type: 'latency', target: 'redis', injected: 1 }], jobs: { accepted: 1, reported: 1, lost: 0, duplicated: 0, by_level: { FULL: 1 } } }] });
    expect(report.scenarios[0]?.faults[0]?.bytes_affected).toBeGreaterThan(0);
    expect(pass.stderr).toMatch(/fault latency-redis-1 injected: latency on redis\n[\s\S]*fault latency-redis-1 healed/);
    expect(await readFile(join(cwd, '.netra', 'reports', 'netra-chaos.junit.xml'), 'utf8')).toContain('<testsuite name="holds"');
    const runDir = report.scenarios[0]?.run_dir ?? '';
    for (const file of ['summary.json', 'reports/job-1.md', 'logs/reporting-1.ndjson']) expect(existsSync(join(cwd, runDir, file))).toBe(true);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ verdict: 'unknown', scenarios: [{ faults: [{ injected: 0 }] }] });

    const runDirOfFailure = /run folder (\S+)/.exec(fail.stdout)?.[1] ?? '';
    const [replayed, replayedFailure, runs, show] = await Promise.all([
      runCli(['replay', join(runDir, 'journal.ndjson'), '--json'], { cwd }),
      runCli(['replay', runDirOfFailure], { cwd }),
      runCli(['runs', '--json'], { cwd }),
      runCli(['show', runDir.split('/').at(-1) ?? ''], { cwd }),
    ]);
    expect(replayed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(replayed.stdout)).toEqual(report);
    // The table that was printed live, whole.
    expect(replayedFailure.exitCode).toBe(1);
    expect(fail.stdout).toContain(replayedFailure.stdout.trim());
    expect((JSON.parse(runs.stdout) as { verdict: string }[]).map(({ verdict }) => verdict).toSorted()).toEqual(['fail', 'pass', 'unknown']);
    expect(show.stdout).toContain('verdict pass');
  });

  it('P02 Ctrl-C heals, ends everything and gives 130, with a report that says so', async () => {
    await using folder = await scenarios();
    const cli = new RunningCli(['chaos', 'lasts', '--json'], { cwd: folder.path });
    // No report comes before the model answers: the steady state is being looked at.
    await cli.printed(/business-1 +ready[\s\S]*reporting-1 +ready|reporting-1 +ready[\s\S]*business-1 +ready/);
    cli.process.kill('SIGINT');
    const { exitCode, stdout } = await cli.finished;
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'unknown', scenarios: [{ name: 'lasts', problem: 'it was interrupted' }] });
    const { run_dir: runDir } = (JSON.parse(stdout) as ChaosReport).scenarios[0] as { run_dir: string };
    const journal = (await readFile(join(folder.path, runDir, 'journal.ndjson'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as { type: string; pid?: number });
    for (const { pid } of journal.filter(({ type }) => type === 'host.started')) expect(() => process.kill(pid as number, 0)).toThrow(/ESRCH/);
  });
});
