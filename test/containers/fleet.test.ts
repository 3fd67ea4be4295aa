import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunningCli, runCli, temporaryFolder } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

const builder = fileURLToPath(new URL('../../scripts/fleet-image', import.meta.url));
/** Only what labs make: others may be at work with the same engine. */
const hostsOfLabs = ['ps', '--all', '--filter', 'label=netra-resilience', '--filter', 'name=netra-', '--format', '{{.Names}}'];
let image = '';

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' }).trim();
}

function containersOf(runId: string): string[] {
  return docker(...hostsOfLabs).split('\n').filter((name) => name.includes(runId));
}

function leftOver(): string {
  return docker(...hostsOfLabs, '--filter', `ancestor=${image}`);
}

/** The run's id, from its first journal line. */
async function runIdIn(folder: string): Promise<string> {
  const [first = ''] = (await readFile(join(folder, 'journal.ndjson'), 'utf8')).split('\n');
  return (JSON.parse(first) as { run_id: string }).run_id;
}

describe('--fleet containers', () => {
  let environment: Record<string, string>;
  beforeAll(() => {
    image = process.env['NETRA_IMAGE_FLEET'] ?? execFileSync(builder, ['netra-local/fleet:test'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    environment = { NETRA_IMAGE_FLEET: image };
  });

  it('P01 `run` passes with hosts in containers, and none is left', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout, stderr } = await runCli(['run', '--infra', 'embedded', '--fleet', 'containers', '--jobs', '2', '--out', 'out', '--json'], { cwd: folder.path, environment });
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass' });
    const journal = await readFile(join(folder.path, 'out', 'journal.ndjson'), 'utf8');
    const exits = journal.split('\n').filter((line) => line.includes('"host.exited"')).map((line) => JSON.parse(line) as object);
    expect(exits).toHaveLength(4);
    for (const exit of exits) expect(exit).toMatchObject({ exit_code: 0, signal: null, expected: true });
    expect(leftOver()).toBe('');
  });

  it('P01 `run` passes with services and hosts in containers: hosts reach services by this machine’s network', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout, stderr } = await runCli(['run', '--infra', 'containers', '--fleet', 'containers', '--jobs', '2', '--json'], { cwd: folder.path, environment });
    expect({ exitCode, shown: exitCode === 0 ? '' : `${stdout}\n${stderr}` }).toEqual({ exitCode: 0, shown: '' });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass' });
    expect(leftOver()).toBe('');
  });

  it('P02 `chaos agent-crash` passes with hosts in containers: SIGKILL reaches the host, and it comes back', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout, stderr } = await runCli(['chaos', 'agent-crash', '--infra', 'embedded', '--fleet', 'containers', '--json'], { cwd: folder.path, environment });
    expect({ exitCode, shown: exitCode === 0 ? '' : `${stdout}\n${stderr}` }).toEqual({ exitCode: 0, shown: '' });
    expect(leftOver()).toBe('');
  });

  it('P02 `chaos zombie-writer` passes with hosts in containers: SIGSTOP and SIGCONT reach the host', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout, stderr } = await runCli(['chaos', 'zombie-writer', '--infra', 'embedded', '--fleet', 'containers', '--json'], { cwd: folder.path, environment });
    expect({ exitCode, shown: exitCode === 0 ? '' : `${stdout}\n${stderr}` }).toEqual({ exitCode: 0, shown: '' });
    expect(leftOver()).toBe('');
  });

  it('P01 hosts run without rights, on a read-only file system, and end with a lab that is killed', async () => {
    await using folder = await temporaryFolder();
    // Jobs that take longer than the test looks.
    await using cli = new RunningCli(['run', '--infra', 'embedded', '--fleet', 'containers', '--jobs', '1', '--llm-latency-ms', '60000', '--out', 'out'], { cwd: folder.path, environment });
    await cli.printed('accepted');
    const names = containersOf(await runIdIn(join(folder.path, 'out')));
    expect(names).toHaveLength(4);
    for (const name of names) {
      const [root, readOnly, user] = docker('inspect', '--format', '{{.HostConfig.NetworkMode}} {{.HostConfig.ReadonlyRootfs}} {{.Config.User}}', name).split(' ');
      expect({ root, readOnly }).toEqual({ root: 'host', readOnly: 'true' });
      expect(user).not.toMatch(/^0:/);
    }
    cli.process.kill('SIGKILL');
    await cli.finished;
    await until(() => leftOver() === '', 'hosts to end with their lab', 60_000);
  });

  it('P01 the image by itself is a host that its health check finds well, and that ends in order', async () => {
    const endpoints = ['NETRA_REDIS_URL=redis://127.0.0.1:1', 'NETRA_KAFKA_BROKERS=127.0.0.1:1', 'NETRA_DATABASE_URL=postgres://127.0.0.1:1/x', 'NETRA_LLM_BASE_URL=http://127.0.0.1:1/v1'];
    const id = docker('run', '--detach', '--read-only', '--tmpfs=/tmp', '--cap-drop=ALL', '--health-interval=1s', ...endpoints.map((entry) => `--env=${entry}`), image, 'host', '--role', 'reporting');
    try {
      await until(() => docker('inspect', '--format', '{{.State.Health.Status}}', id) === 'healthy', 'the container to be healthy', 60_000);
      docker('stop', '--time', '30', id);
      expect(docker('inspect', '--format', '{{.State.ExitCode}} {{.Config.User}}', id)).toBe('0 10001:10001');
    } finally {
      docker('rm', '--force', '--volumes', id);
    }
  });

  it('N07 an image that is not there is told in one line, with the command that makes it; exit code 69, nothing started', async () => {
    await using folder = await temporaryFolder();
    const absent = 'netra-local/no-such-fleet:1';
    const { exitCode, stdout, stderr } = await runCli(['run', '--infra', 'embedded', '--fleet', 'containers'], { cwd: folder.path, environment: { NETRA_IMAGE_FLEET: absent } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(`docker build -t ${absent} .`)]);
  });
});
