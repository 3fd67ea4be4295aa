import { Toxiproxy } from 'toxiproxy-node-client';
import { describe, expect, it } from 'vitest';
import type { FaultContext } from '../../../src/chaos/faults/fault.ts';
import { Holds } from '../../../src/chaos/faults/holds.ts';
import { findFault } from '../../../src/chaos/faults/index.ts';
import { UndoLog } from '../../../src/chaos/engine/undo-log.ts';
import { brokenProxies } from '../../../src/chaos/evidence/leftovers.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { createRng } from '../../../src/core/rng.ts';
import { startToxiproxy } from '../../../src/infra/embedded/toxiproxy/server.ts';
import { serviceNames, type RunningInfra } from '../../../src/infra/provider.ts';
import { temporaryFolder } from '../../helpers/cli.ts';

const never = new AbortController().signal;

describe('a service behind several proxies, in a Toxiproxy of others', () => {
  it.each([
    ['down', {}, ['netra-kafka is disabled', 'netra-kafka-2 is disabled']],
    ['latency', { latency: '50ms' }, ['netra-kafka has toxic fault-1', 'netra-kafka-2 has toxic fault-1']],
  ])('P02 %s breaks and heals all of them, and nobody else’s', async (type, parameters, broken) => {
    await using folder = await temporaryFolder();
    await using server = await startToxiproxy();
    const toxiproxyUrl = `http://${server.host}:${server.port}`;
    const toxiproxy = new Toxiproxy(toxiproxyUrl);
    for (const name of ['netra-kafka', 'netra-kafka-2', 'kafka']) await toxiproxy.createProxy({ name, listen: '127.0.0.1:0', upstream: '127.0.0.1:1' });
    const theirs = await toxiproxy.createProxy({ name: 'theirs', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' });
    await theirs.addToxic({ name: 'own', type: 'latency', stream: 'downstream', toxicity: 1, attributes: { latency: 1, jitter: 0 } });
    const services = Object.fromEntries(serviceNames.map((name) => [name, { name, proxies: { toxiproxyUrl, names: name === 'kafka' ? ['netra-kafka', 'netra-kafka-2'] : [] } }]));
    const infra = { services, toxiproxyUrl } as unknown as RunningInfra;
    const context: FaultContext = {
      infra,
      driver: undefined as never,
      clock: systemClock,
      name: 'fault-1',
      rng: createRng('1'),
      jobIds: () => [],
      events: () => [],
      undoLog: new UndoLog({ path: `${folder.path}/healing.json`, owner: { pid: process.pid, started: '' }, servicesEndWithLab: false }),
      holds: new Holds(),
    };
    const fault = findFault(type);
    const injected = await fault?.inject(context, 'kafka', fault.parameters.parse(parameters), never);
    expect((await brokenProxies(infra, never)).toSorted()).toEqual(broken);
    expect(await (await fetch(`${toxiproxyUrl}/proxies/kafka`)).json()).toMatchObject({ enabled: true, toxics: [] });
    await injected?.heal(never);
    expect(await brokenProxies(infra, never)).toEqual([]);
  });
});
