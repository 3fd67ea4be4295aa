import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin, RunningCli, runCli, temporaryFolder } from '../helpers/cli.ts';

/** Nothing listens on port 1: every service is away. */
const away = { NETRA_REDIS_URL: 'redis://127.0.0.1:1', NETRA_KAFKA_BROKERS: '127.0.0.1:1', NETRA_DATABASE_URL: 'postgres://127.0.0.1:1/x', NETRA_LLM_BASE_URL: 'http://127.0.0.1:1/v1', NETRA_SHUTDOWN_GRACE_MS: '3000' };

function portOf(stdout: string): number {
  return (JSON.parse(stdout.split('\n')[0] ?? '') as { port: number }).port;
}

describe('netra-resilience host', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('F12 services that are away are waited for; %s drains it, with exit code 0', async (signal) => {
    await using folder = await temporaryFolder();
    await using cli = new RunningCli(['host', '--role', 'reporting', '--name', 'r-9'], { cwd: folder.path, environment: away });
    await cli.printed('host.listening');
    expect(JSON.parse(cli.stdout)).toEqual({ type: 'host.listening', host: 'r-9', port: portOf(cli.stdout) });
    const url = `http://127.0.0.1:${portOf(cli.stdout)}`;
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', agent: 'r-9' });
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
    cli.process.kill(signal);
    const { exitCode, stderr } = await cli.finished;
    expect(exitCode).toBe(0);
    for (const line of stderr.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ host: 'r-9', run_id: 'fleet' });
    expect(stderr).toContain('host is shutting down');
  });

  it('N07 a port that is taken is told in one line that says what to do; exit code 69', async () => {
    await using folder = await temporaryFolder();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { exitCode, stdout, stderr } = await runCli(['host', '--role', 'business', '--port', String(port)], { cwd: folder.path, environment: { ...away, NETRA_LOG_LEVEL: 'error' } });
    server.close();
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^The host cannot listen on 127\\.0\\.0\\.1, port ${port}: .*EADDRINUSE.*; choose another --port \\(0 picks one\\) or --bind\\. \\(HOST_NOT_LISTENING\\)\n$`));
  });

  it('N07 a state folder that cannot be made is told in one line; exit code 69', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout, stderr } = await runCli(['host', '--role', 'control'], { cwd: folder.path, environment: { ...away, NETRA_STATE_DIR: '/dev/null/state' } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/cannot keep its state: .*NETRA_STATE_DIR\. \(WORKSPACE_UNWRITABLE\)$/)]);
  });

  it('F12 it ends when its starter is gone, where it was told to', async () => {
    await using folder = await temporaryFolder();
    const child = spawn(process.execPath, [bin, 'host', '--role', 'reporting'], { cwd: folder.path, env: { ...process.env, ...away, NETRA_EXIT_ON_STDIN_CLOSE: 'on', NETRA_STATE_DIR: join(folder.path, 'state') }, stdio: ['pipe', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
