import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { engineAddress } from '../../../../src/infra/providers/containers/engine/address.ts';
import { engineFailure } from '../../../../src/infra/providers/containers/engine/failures.ts';
import { EngineRefusal } from '../../../../src/infra/providers/containers/engine/http.ts';
import { chooseProvider } from '../../../../src/infra/providers/index.ts';
import { FakeEngine, sendJson } from '../../../helpers/fake-engine.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const never = new AbortController().signal;
const choose = (environment: Record<string, string>, choice: 'containers' | 'auto' = 'containers') => chooseProvider({ choice, environment, clock: systemClock, signal: never });
const address = engineAddress({ DOCKER_HOST: 'unix:///run/engine.sock' });

describe('an engine that cannot be used', () => {
  it('N07 there is none', async () => {
    await using folder = await tempFolder();
    const DOCKER_HOST = `unix://${folder.path}/none.sock`;
    await expect(choose({ DOCKER_HOST })).rejects.toMatchObject({ code: 'INFRA_UNAVAILABLE', message: `There is no container engine: ${DOCKER_HOST} does not exist. Start one (\`sudo systemctl start docker\`, or Docker Desktop), or use \`--infra embedded\`, which needs no engine.` });
    expect(await choose({ DOCKER_HOST }, 'auto')).toMatchObject({ provider: { name: 'embedded' }, reason: `auto chooses embedded: there is no container engine: ${DOCKER_HOST} does not exist.` });
  });

  it('N07 it is not running', async () => {
    const dead = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => dead.once('listening', resolve));
    const { port } = dead.address() as { port: number };
    await new Promise((resolve) => dead.close(resolve));
    await expect(choose({ DOCKER_HOST: `tcp://127.0.0.1:${port}` })).rejects.toThrow(`The container engine at tcp://127.0.0.1:${port} is not running. Start it (`);
  });

  it('N07 this user may not use it', () => {
    const refused = Object.assign(new Error('connect EACCES /run/engine.sock'), { code: 'EACCES' });
    expect(engineFailure(refused, 'The container engine cannot be used', address).message).toBe(
      'This user may not use the container engine at unix:///run/engine.sock. Add it to the engine\'s group (`sudo usermod -aG docker "$USER"`) and log in again, or use `--infra embedded`, which needs no engine.',
    );
  });

  it('N07 it is silent: two seconds, and not one more', async () => {
    await using engine = await FakeEngine.start();
    engine.on('GET /_ping', () => undefined);
    const startMs = performance.now();
    await expect(choose(engine.environment)).rejects.toThrow(`The container engine at unix://${engine.socketPath} does not answer within 2 s. Restart it (`);
    expect(performance.now() - startMs).toBeLessThan(4_000);
  });

  it.each([
    [-90, 'behind'],
    [90, 'ahead of'],
  ])('N07 its clock is off by %s s', async (seconds, where) => {
    await using engine = await FakeEngine.start();
    engine.on('GET /info', (_, response) => sendJson(response, 200, { SystemTime: new Date(Date.now() + seconds * 1_000).toISOString(), OperatingSystem: 'x', ServerVersion: '1' }));
    await expect(choose(engine.environment)).rejects.toThrow(`The clock of the container engine is 90 s ${where} this machine's, so times could not be compared. Set both by the network (\`timedatectl set-ntp true\`)`);
    expect((await choose(engine.environment, 'auto')).reason).toContain('auto chooses embedded: the clock of the container engine is 90 s');
  });

  it.each([
    ['ssh://user@machine', 'no address that can be used here'],
    ['nonsense', 'no address that can be used here'],
    ['tcp://192.0.2.1:2375', 'is on another machine'],
  ])('N07 DOCKER_HOST %s', async (DOCKER_HOST, message) => {
    await expect(choose({ DOCKER_HOST })).rejects.toThrow(message);
  });

  it('N07 certificates that are asked for and not there', async () => {
    await using folder = await tempFolder();
    await expect(choose({ DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder.path })).rejects.toThrow(/^DOCKER_TLS_VERIFY asks for certificates, and those in .+ cannot be read: ENOENT.+DOCKER_CERT_PATH names their folder\.$/);
  });

  it.each([
    ['driver failed programming external connectivity on endpoint x: Error starting userland proxy: all ports are allocated', '`docker rm -f <container>` frees them'],
    ['Bind for 127.0.0.1:40000 failed: port is already allocated', 'start again'],
    ['could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network', '`docker network prune`'],
    ['write /var/lib/docker/x: no space left on device', '`docker system prune`'],
    ['something that nobody has seen', 'the container engine does not do it (something that nobody has seen)'],
  ])('N07 it refuses: %s', (message, mend) => {
    const failure = engineFailure(new EngineRefusal(500, message), 'The container of redis cannot be started', address);
    expect(failure.code).toBe('INFRA_UNAVAILABLE');
    expect(failure.message).toContain('The container of redis cannot be started: ');
    expect(failure.message).toContain(mend);
  });
});
