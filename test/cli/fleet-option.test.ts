import { describe, expect, it } from 'vitest';
import { Problems, formatProblem } from '../../src/core/problems.ts';
import { readFleetChoice } from '../../src/cli/fleet-option.ts';
import { fleetCommands } from '../../src/cli/run/host-commands.ts';
import { prepareFleetContainers } from '../../src/cli/run/fleet-containers.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { RunningInfra } from '../../src/infra/provider.ts';
import { testContext } from './helpers.ts';

describe('--fleet', () => {
  it('N07 takes processes, which is the default, or containers', () => {
    const problems = new Problems();
    expect([readFleetChoice({}, problems), readFleetChoice({ fleet: 'processes' }, problems), readFleetChoice({ fleet: 'containers' }, problems)]).toEqual(['processes', 'processes', 'containers']);
    expect(problems.list).toEqual([]);
    readFleetChoice({ fleet: 'container' }, problems);
    readFleetChoice({ fleet: 'somewhere else' }, problems);
    expect(problems.list.map(formatProblem)).toEqual(["--fleet: 'container' is no kind of fleet; did you mean containers?", "--fleet: 'somewhere else' is no kind of fleet; use processes or containers"]);
  });

  it('N07 an engine that is not there, or elsewhere, is one sentence and exit code 69', async () => {
    expect(await prepareFleetContainers('processes', testContext())).toBeUndefined();
    const refused = (url: string): Promise<unknown> => prepareFleetContainers('containers', testContext({ environment: { DOCKER_HOST: url } }));
    await expect(refused('unix:///nowhere/docker.sock')).rejects.toMatchObject({ code: 'INFRA_UNAVAILABLE', message: 'There is no container engine: unix:///nowhere/docker.sock does not exist. Start one (`sudo systemctl start docker`, or Docker Desktop), or leave out `--fleet containers`.' });
    await expect(refused('tcp://127.0.0.1:2375')).rejects.toMatchObject({ code: 'INFRA_UNAVAILABLE', message: expect.stringContaining('leave the flag out') as string });
  });

  it('P01 a container is told what a process is, but for what is this machine’s alone', () => {
    const folder = { path: '/r', shown: 'r', reports: '/r/reports', logs: '/r/logs', state: '/r/state', journal: '/r/j', summary: '/r/s' };
    const plan = { runId: 'run-1', seed: '1', reportingHosts: 2, concurrency: 4, dataDir: '/data', control: false, folder, environment: { PATH: '/bin', HOME: '/home/me', NODE_EXTRA_CA_CERTS: '/ca.pem', TZ: 'UTC', NETRA_CACHE_DIR: '/cache' } };
    const infra = { hostEnvironment: { NETRA_REDIS_URL: 'redis://127.0.0.1:1' } } as unknown as RunningInfra;
    const containers = { image: 'netra-resilience', address: { url: 'unix:///var/run/docker.sock', secure: false, connection: {} }, clock: systemClock };
    const [process] = fleetCommands(plan, infra, 'token');
    const [container] = fleetCommands({ ...plan, containers }, infra, 'token');
    const { PATH: _path, HOME: _home, NODE_EXTRA_CA_CERTS: _certificates, ...shared } = process?.environment ?? {};
    expect(process?.launch).toBeUndefined();
    expect(container?.launch).toBeTypeOf('function');
    expect(container?.environment).toEqual({ ...shared, NETRA_CACHE_DIR: '/cache/fleet', NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=192' });
    expect(container?.args).toEqual(['host', '--role', 'business', '--name', 'business-1']);
  });
});
