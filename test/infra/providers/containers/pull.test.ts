import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import type { InfraEvent } from '../../../../src/infra/provider.ts';
import { engineAddress } from '../../../../src/infra/providers/containers/engine/address.ts';
import { Engine } from '../../../../src/infra/providers/containers/engine/engine.ts';
import { pullImage, STALLED_AFTER_MS, type PullProgress } from '../../../../src/infra/providers/containers/engine/pull.ts';
import { imageNames, images } from '../../../../src/infra/providers/containers/images.ts';
import { chooseProvider } from '../../../../src/infra/providers/index.ts';
import { FakeEngine, sendJson } from '../../../helpers/fake-engine.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { until } from '../../../helpers/until.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';

const never = new AbortController().signal;
const create = 'POST /images/create';

function line(told: unknown): string {
  return `${JSON.stringify(told)}\r\n`;
}

function pull(engine: FakeEngine, clock = new VirtualClock(), signal = never, onProgress?: (progress: PullProgress) => void): Promise<void> {
  const pulling = pullImage(new Engine(engineAddress(engine.environment)), 'registry.test/redis:8', { variable: 'NETRA_IMAGE_REDIS', clock, signal, ...(onProgress === undefined ? {} : { onProgress }) });
  pulling.catch(() => undefined);
  return pulling;
}

describe('fetching an image', () => {
  it('P01 tells how much has arrived of what is known, once a layer each', async () => {
    await using engine = await FakeEngine.start();
    const told: PullProgress[] = [];
    let asked = '';
    engine.on(create, (request, response) => {
      asked = request.url ?? '';
      for (const [id, current] of [['a', 50], ['b', 10], ['a', 100], ['b', 20]] as const) response.write(line({ id, status: 'Downloading', progressDetail: { current, total: id === 'a' ? 100 : 20 } }));
      response.write(line({ id: 'a', status: 'Extracting', progressDetail: { current: 5, total: 100 } }));
      response.end(line({ status: 'Status: Downloaded newer image' }));
    });
    await pull(engine, new VirtualClock(), never, (progress) => told.push(progress));
    expect(asked).toBe('/images/create?fromImage=registry.test%2Fredis&tag=8');
    expect(told.slice(0, 4)).toEqual([{ receivedBytes: 50, totalBytes: 100 }, { receivedBytes: 60, totalBytes: 120 }, { receivedBytes: 110, totalBytes: 120 }, { receivedBytes: 120, totalBytes: 120 }]);
    expect(told.at(-1)).toEqual({ receivedBytes: 120, totalBytes: 120 });
  });

  it('N07 without progress for 10 s its registry counts as unreachable; saying the same again is none', async () => {
    await using engine = await FakeEngine.start();
    const clock = new VirtualClock();
    const answer = Promise.withResolvers<{ write(text: string): void }>();
    engine.on(create, (_, response) => {
      response.writeHead(200);
      answer.resolve(response);
    });
    let told = 0;
    const pulling = pull(engine, clock, never, () => (told += 1));
    const response = await answer.promise;
    const layer = { id: 'a', status: 'Downloading', progressDetail: { current: 1, total: 9 } };
    response.write(line(layer));
    await until(() => told === 1, 'the first progress');
    await clock.advance(STALLED_AFTER_MS - 1);
    response.write(line({ ...layer, progressDetail: { current: 2, total: 9 } }));
    await until(() => told === 2, 'the second progress');
    await clock.advance(STALLED_AFTER_MS - 1);
    response.write(line({ ...layer, progressDetail: { current: 2, total: 9 } }));
    await clock.advance(1);
    await expect(pulling).rejects.toMatchObject({ code: 'INFRA_UNAVAILABLE', message: 'The image registry.test/redis:8 does not arrive: nothing came from its registry for 10 s. Check the network, or name an image that is reachable (NETRA_IMAGE_REDIS).' });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['manifest for registry.test/redis:8 not found: manifest unknown', 404, 'its registry has no such image', 'check its name and tag'],
    ['pull access denied for registry.test/redis, repository does not exist or may require "docker login"', 403, 'its registry refuses it', 'fetch it with your credentials (`docker login`, then `docker pull registry.test/redis:8`'],
    ['Get "https://registry.test/v2/": dial tcp: lookup registry.test: no such host', 500, 'its registry cannot be reached', 'try `docker pull registry.test/redis:8`'],
    ['toomanyrequests: You have reached your pull rate limit', 429, 'its registry allows no more pulls for now', '`docker login` raises the limit'],
  ])('N07 %s', async (message, status, cause, mend) => {
    await using engine = await FakeEngine.start();
    engine.refuse(create, status, message);
    await expect(pull(engine)).rejects.toThrow(`The image registry.test/redis:8 cannot be had: ${cause} (${message}); ${mend}`);
  });

  it('N07 an error after the answer has begun', async () => {
    await using engine = await FakeEngine.start();
    engine.on(create, (_, response) => response.end(line({ status: 'Pulling from redis' }) + line({ error: 'write /var/lib/docker/tmp/x: no space left on device' })));
    await expect(pull(engine)).rejects.toThrow('the disk of the engine is full (write /var/lib/docker/tmp/x: no space left on device); `docker system prune` frees');
  });

  it('N07 an abort ends it with its own reason', async () => {
    await using engine = await FakeEngine.start();
    const begun = Promise.withResolvers<void>();
    engine.on(create, (_, response) => {
      response.writeHead(200).flushHeaders();
      begun.resolve();
    });
    const abort = new AbortController();
    const clock = new VirtualClock();
    const pulling = pull(engine, clock, abort.signal);
    await begun.promise;
    abort.abort(new Error('Ctrl-C'));
    await expect(pulling).rejects.toThrow(/^Ctrl-C$/);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('auto', () => {
  const all = imageNames.map((name) => images[name].image);
  const request = (engine: FakeEngine, onProgress?: (line: string) => void) => ({ choice: 'auto' as const, environment: engine.environment, clock: systemClock, signal: never, ...(onProgress === undefined ? {} : { onProgress }) });

  it('P01 means containers where the engine has the images', async () => {
    await using engine = await FakeEngine.start(all);
    expect(await chooseProvider(request(engine))).toMatchObject({ provider: { name: 'containers' }, reason: `auto chooses containers: the container engine at unix://${engine.socketPath} (99.1) has the images.` });
  });

  it('P01 means containers where what is missing arrives, and says what it waits for', async () => {
    await using engine = await FakeEngine.start(all.slice(1));
    engine.on(create, (_, response) => response.end(line({ status: 'Downloaded' })));
    const told: string[] = [];
    expect((await chooseProvider(request(engine, (progress) => told.push(progress)))).provider.name).toBe('containers');
    expect(told).toEqual([`fetching images that containers need: ${all[0]}; if they are not here within 30 s, embedded services do.`]);
  });

  it('P01 means embedded where it does not arrive, in one line', async () => {
    await using engine = await FakeEngine.start(all.slice(1));
    engine.refuse(create, 500, 'dial tcp: lookup registry.test: no such host');
    const { provider, reason } = await chooseProvider(request(engine));
    expect(provider.name).toBe('embedded');
    expect(reason).toMatch(/^auto chooses embedded: the image redis:8-alpine cannot be had: its registry cannot be reached \(dial tcp/);
    expect(reason).not.toContain('\n');
  });

  it('P01 means embedded where it arrives too slowly, and leaves nothing under way', async () => {
    await using engine = await FakeEngine.start(all.slice(1));
    const closed = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    engine.on(create, (_, response) => {
      response.on('close', () => closed.resolve());
      response.write(line({ id: 'a', status: 'Pulling fs layer' }));
      asked.resolve();
    });
    const clock = new VirtualClock();
    clock.now = () => Date.now();
    const choosing = chooseProvider({ ...request(engine), clock });
    await asked.promise;
    await clock.advance(30_000);
    expect((await choosing).provider.name).toBe('embedded');
    await closed.promise;
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a start', () => {
  it('N07 whose image does not come makes nothing, and says which image and why', async () => {
    await using folder = await tempFolder();
    await mkdir(join(folder.path, 'logs'));
    await using engine = await FakeEngine.start();
    engine.refuse(create, 404, 'manifest unknown');
    const { provider } = await chooseProvider({ choice: 'containers', environment: { ...engine.environment, NETRA_IMAGE_KAFKA: 'registry.test/kafka:0' }, clock: systemClock, signal: never });
    const events: InfraEvent[] = [];
    const starting = provider.start({ runId: 'r', seed: '1', logsDir: join(folder.path, 'logs'), cacheDir: folder.path, llm: { latencyMs: 0, tokensPerSecond: 0 }, clock: systemClock, signal: never, onEvent: (event) => events.push(event) });
    await expect(starting).rejects.toMatchObject({ code: 'INFRA_UNAVAILABLE', message: expect.stringMatching(/^The image .+ cannot be had: its registry has no such image/) as string });
    expect(events).toContainEqual({ type: 'infra.image_pull', service: 'kafka', image: 'registry.test/kafka:0', receivedBytes: 0, totalBytes: 0, done: false });
    expect(engine.calls.filter((call) => call.startsWith('POST ') && call !== create)).toEqual([]);
  });

  it('F12 removes first what a lab that died has left, and nothing else', async () => {
    await using engine = await FakeEngine.start(all());
    const { ownLabels } = await import('../../../../src/infra/providers/containers/labels.ts');
    const { sweep } = await import('../../../../src/infra/providers/containers/leftovers.ts');
    const own = ownLabels({ runId: 'r', startId: 's', keep: false });
    const dead = { ...own, 'netra-resilience.owner.started': 'long ago' };
    const states = { dead, own, kept: { ...dead, 'netra-resilience.kept': 'true' }, elsewhere: { ...dead, 'netra-resilience.owner.machine': 'another' }, stuck: dead };
    engine.on('GET /containers/json', (_, response) => sendJson(response, 200, Object.entries(states).map(([Id, Labels]) => ({ Id, Names: [`/${Id}`], State: 'running', Labels }))));
    engine.on('GET /networks', (_, response) => sendJson(response, 200, [{ Id: 'net', Name: 'net', Labels: dead }]));
    engine.on('DELETE /containers/dead', (_, response) => response.writeHead(204).end());
    engine.refuse('DELETE /containers/stuck', 500, 'device or resource busy');
    engine.on('DELETE /networks/net', (_, response) => response.writeHead(204).end());
    const { removed, problems } = await sweep(new Engine(engineAddress(engine.environment)), never);
    expect(removed.map(({ id }) => id)).toEqual(['dead', 'net']);
    expect(problems).toEqual(['container stuck, left by a lab that died, cannot be removed: device or resource busy']);
    expect(engine.calls.filter((call) => call.startsWith('DELETE')).toSorted()).toEqual(['DELETE /containers/dead', 'DELETE /containers/stuck', 'DELETE /networks/net']);
  });

  function all(): string[] {
    return imageNames.map((name) => images[name].image);
  }
});
