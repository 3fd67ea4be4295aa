import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/cli/run/summary.ts';
import { RunningCli, runCli, temporaryFolder } from '../helpers/cli.ts';

const run = promisify(execFile);

/** Names of a run's containers and networks. */
async function leftOf(runId: string): Promise<string[]> {
  const filter = ['--filter', `label=netra-resilience.run=${runId}`];
  const [ps, networks] = await Promise.all([run('docker', ['ps', '-a', ...filter, '--format', '{{.Names}}']), run('docker', ['network', 'ls', ...filter, '--format', '{{.Name}}'])]);
  return `${ps.stdout}${networks.stdout}`.split('\n').filter(Boolean);
}

describe('netra-resilience run --infra containers', () => {
  it('P01 reports come, the times of each service are told, and nothing is left', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout, stderr } = await runCli(['run', '--infra', 'containers', '--jobs', '2', '--json'], { cwd: folder.path });
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const summary = JSON.parse(stdout) as RunSummary;
    expect(summary).toMatchObject({ verdict: 'pass', provider: 'containers', timings: { services: { kafka: { pull_ms: 0, ready_ms: expect.any(Number) as number }, llm: { started_in_ms: expect.any(Number) as number } } } });
    expect(await leftOf(summary.run_id)).toEqual([]);
  });

  it('F12 Ctrl-C while containers are being started leaves nothing', async () => {
    await using folder = await temporaryFolder();
    await using cli = new RunningCli(['run', '--infra', 'containers'], { cwd: folder.path });
    await cli.printed(/toxiproxy +ready/);
    const [, runId = ''] = /run (\S+) /.exec(cli.stdout) ?? [];
    expect(await leftOf(runId)).not.toEqual([]);
    cli.process.kill('SIGINT');
    expect((await cli.finished).exitCode).toBe(130);
    expect(await leftOf(runId)).toEqual([]);
  });

  it('N07 an image that cannot be had is one message, and exit code 69', async () => {
    await using folder = await temporaryFolder();
    const image = 'registry.invalid/kafka:0';
    const { exitCode, stderr } = await runCli(['run', '--infra', 'containers', '--quiet'], { cwd: folder.path, environment: { NETRA_IMAGE_KAFKA: image } });
    expect(exitCode).toBe(69);
    expect(stderr).toContain(`The image ${image} cannot be had: its registry cannot be reached`);
    expect(stderr).toContain('NETRA_IMAGE_KAFKA');
    expect(stderr).not.toContain('    at ');
  });
});
