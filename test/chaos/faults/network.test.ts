import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { InjectedFault } from '../../../src/chaos/faults/fault.ts';
import { networkFaults } from '../../../src/chaos/faults/network/index.ts';
import { trafficOf } from '../../../src/chaos/faults/network/traffic.ts';
import { readUndoFile } from '../../../src/chaos/engine/undo-log.ts';
import { serviceNames, type ServiceName } from '../../../src/infra/provider.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';
import { until } from '../../helpers/until.ts';
import { FaultBench, never } from './fault-bench.ts';

let bench: FaultBench;
beforeAll(async () => {
  bench = await FaultBench.start();
}, 60_000);
afterEach(() => bench.reset());
afterAll(() => bench[Symbol.asyncDispose]());

async function counted(fault: InjectedFault): Promise<number> {
  return (await fault.affected(never)).count ?? -1;
}

async function openConnection(service: ServiceName): Promise<Socket> {
  const { host, port } = bench.infra.services[service].proxied;
  const socket = connect({ host, port });
  await once(socket, 'connect');
  return socket;
}

/** The proxy has reached the service for so many clients. */
async function openConnections(service: ServiceName, count: number): Promise<void> {
  await until(async () => (await trafficOf(bench.infra.toxiproxyUrl, service, never))?.connectionsOpen === count, `${count} open connections`);
}

function answers(service: ServiceName): Promise<boolean> {
  return bench.ask(service, 2_000).then(
    () => true,
    () => false,
  );
}

/** Milliseconds that one question takes. */
async function timed(service: ServiceName): Promise<number> {
  const startedAtMs = performance.now();
  await bench.ask(service);
  return performance.now() - startedAtMs;
}

/** What each toxic is given, and what a client sees of it. */
const toxics: Readonly<Record<string, { readonly parameters: object; readonly unit: string; readonly see: (service: ServiceName) => Promise<void> }>> = {
  latency: {
    parameters: { latency: '150ms', jitter: '10ms' },
    unit: 'bytes',
    see: async (service) => expect(await timed(service)).toBeGreaterThan(130),
  },
  bandwidth: { parameters: { rate_kb_per_s: 1_000 }, unit: 'bytes', see: (service) => bench.ask(service) },
  'slow-close': { parameters: { delay: '50ms', stream: 'upstream' }, unit: 'connections', see: (service) => bench.ask(service) },
  timeout: {
    parameters: { timeout: '100ms' },
    unit: 'bytes',
    see: async (service) => expect(await answers(service)).toBe(false),
  },
  'reset-peer': {
    parameters: {},
    unit: 'connections',
    see: async (service) => expect(await answers(service)).toBe(false),
  },
  slicer: { parameters: { average_size: 8, size_variation: 2, delay: '0.01ms' }, unit: 'bytes', see: (service) => bench.ask(service) },
  'limit-data': {
    parameters: { bytes: 3 },
    unit: 'connections',
    see: async (service) => expect(await answers(service)).toBe(false),
  },
};

describe('network faults against the real embedded services', () => {
  it('P02 every toxic has its test here', () => {
    expect(networkFaults.map(({ type }) => type).toSorted()).toEqual([...Object.keys(toxics), 'down', 'flapping'].toSorted());
  });

  for (const service of serviceNames) {
    for (const [type, { parameters, unit, see }] of Object.entries(toxics)) {
      it(`P02 ${type} on ${service}: acts, is counted, and is gone once healed`, async () => {
        const fault = await bench.inject(type, service, parameters);
        expect(await fault.affected(never)).toEqual({ unit, count: 0 });
        expect(readUndoFile(bench.undoPath)?.undo).toEqual([expect.objectContaining({ kind: 'remove-toxic', proxy: service })]);
        await see(service);
        await until(async () => (await counted(fault)) > 0, `${type} to be counted`);
        await fault.heal(never);
        expect(await bench.toxics()).toBe(0);
        expect(existsSync(bench.undoPath)).toBe(false);
        await bench.ask(service);
        // The figures outlive the toxic.
        expect(await counted(fault)).toBeGreaterThan(0);
      });
    }

    it(`P02 down on ${service}: open connections end, new ones are refused, and both is over once healed`, async () => {
      await openConnections(service, 0);
      const socket = await openConnection(service);
      await openConnections(service, 1);
      const closed = once(socket, 'close');
      socket.on('error', () => undefined);
      const fault = await bench.inject('down', service);
      await closed;
      expect(await answers(service)).toBe(false);
      expect(await fault.affected(never)).toEqual({ unit: 'connections', count: 1 });
      expect(readUndoFile(bench.undoPath)?.undo).toEqual([{ kind: 'enable-proxy', toxiproxy_url: bench.infra.toxiproxyUrl, proxy: service }]);
      await fault.heal(never);
      await bench.ask(service);
      expect(existsSync(bench.undoPath)).toBe(false);
    });
  }

  it('P02 two faults that keep one service down: it is back when the second is healed, in whatever order', async () => {
    const first = await bench.inject('down', 'redis');
    const second = await bench.inject('down', 'redis');
    await first.heal(never);
    expect(await answers('redis')).toBe(false);
    await second.heal(never);
    await bench.ask('redis');
  });

  it('P02 down with no connection to cut counts the hosts that told that they missed the service', async () => {
    bench.events.push({ type: 'dependency.changed', dependency: 'llm', up: false, host: 'reporting-9' } as JournalEvent);
    const fault = await bench.inject('start-late', 'llm');
    expect(await fault.affected(never)).toEqual({ unit: 'hosts', count: 0 });
    for (const host of ['reporting-1', 'reporting-1', 'control-1']) bench.events.push({ type: 'dependency.changed', dependency: 'llm', up: false, host } as JournalEvent);
    bench.events.push({ type: 'dependency.changed', dependency: 'kafka', up: false, host: 'business-1' } as JournalEvent);
    expect(await fault.affected(never)).toEqual({ unit: 'hosts', count: 2 });
    await fault.heal(never);
    await bench.ask('llm');
  });

  it('P02 flapping: goes and comes back more than once, and is there once healed', async () => {
    const fault = await bench.inject('flapping', 'redis', { down_for: '30ms', up_for: '60ms' });
    const seen: boolean[] = [];
    await until(async () => {
      const there = await openConnection('redis').then(
        (socket) => {
          socket.on('error', () => undefined);
          return true;
        },
        () => false,
      );
      if (seen.at(-1) !== there) seen.push(there);
      return seen.length >= 5;
    }, 'five changes');
    await fault.heal(never);
    expect(await counted(fault)).toBeGreaterThan(0);
    await bench.ask('redis');
    expect(existsSync(bench.undoPath)).toBe(false);
  });

  it('P02 toxicity 0 acts on no connection, which the count says', async () => {
    const fault = await bench.inject('latency', 'redis', { latency: '1s', toxicity: 0 });
    await bench.ask('redis');
    expect(await fault.affected(never)).toEqual({ unit: 'bytes', count: 0 });
    await fault.heal(never);
  });
});
