import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FleetDriver } from '../../../src/chaos/engine/fleet-driver.ts';
import { readUndoFile, UndoLog, undoFileName } from '../../../src/chaos/engine/undo-log.ts';
import type { FaultContext, InjectedFault } from '../../../src/chaos/faults/fault.ts';
import { Holds } from '../../../src/chaos/faults/holds.ts';
import { findFault } from '../../../src/chaos/faults/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { createRng } from '../../../src/core/rng.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';
import { JournalWriter } from '../../../src/journal/writer.ts';
import { temporaryFolder } from '../../helpers/cli.ts';
import { until } from '../../helpers/until.ts';
import { never } from './fault-bench.ts';

const hostFile = fileURLToPath(new URL('../engine/small-host.ts', import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let journal: JournalWriter;
let driver: FleetDriver;
const events: JournalEvent[] = [];
const ticks = new Map<string, number>();
const holds = new Holds();

async function startFleet(hosts: readonly string[], kind = ''): Promise<void> {
  driver = new FleetDriver({
    hosts: hosts.map((host) => ({ host, command: process.execPath, args: [hostFile, host, kind], environment: {}, logPath: join(folder.path, `${host}.log`) })),
    token: 't',
    journal,
    clock: systemClock,
    onEvent: () => undefined,
    onLine: (host) => ticks.set(host, (ticks.get(host) ?? 0) + 1),
  });
  await driver.start(never);
}

beforeEach(async () => {
  folder = await temporaryFolder();
  journal = new JournalWriter(join(folder.path, 'journal.ndjson'), 'test', systemClock);
  events.length = 0;
  ticks.clear();
  journal.onEvent((event) => events.push(event));
});
afterEach(async () => {
  await driver.stop(2_000);
  journal.close();
  await folder[Symbol.asyncDispose]();
});

async function inject(type: string, target: string, parameters: object = {}): Promise<InjectedFault> {
  const fault = findFault(type);
  if (fault === undefined) throw new Error(type);
  const undoLog = new UndoLog({ path: join(folder.path, undoFileName), owner: { pid: process.pid, started: 'now' }, servicesEndWithLab: true });
  const context = { driver, clock: systemClock, name: 'test', rng: createRng('1'), jobIds: () => [], events: () => events, undoLog, holds } as unknown as FaultContext;
  return fault.inject(context, target, fault.parameters.parse(parameters), never);
}

const of = <Type extends JournalEvent['type']>(type: Type): Extract<JournalEvent, { type: Type }>[] => events.filter((event) => event.type === type) as Extract<JournalEvent, { type: Type }>[];

describe('process faults on real processes', () => {
  it('P02 kill: SIGKILL, as the lab\'s own doing, and another process takes the place', async () => {
    await startFleet(['reporting-1']);
    const pid = driver.processOf('reporting-1')?.pid;
    const fault = await inject('kill', 'reporting-1');
    await fault.heal(never);
    expect(await fault.affected(never)).toEqual({ unit: 'processes', count: 1 });
    expect(of('host.exited')).toEqual([expect.objectContaining({ host: 'reporting-1', pid, signal: 'SIGKILL', expected: true })]);
    await until(() => of('host.ready').length === 2, 'the host to be ready again');
    expect(driver.processOf('reporting-1')?.pid).not.toBe(pid);
    expect(of('host.started').map(({ restart }) => restart)).toEqual([0, 1]);
  });

  it('P02 a host that is not up cannot be killed, which is said', async () => {
    await startFleet(['reporting-1']);
    await expect(inject('kill', 'reporting-7')).rejects.toThrow('there is no host reporting-7; there are reporting-1');
    driver.processOf('reporting-1')?.kill('SIGKILL');
    await until(() => driver.url('reporting-1') === undefined, 'the host to be gone');
    await expect(inject('kill', 'reporting-1')).rejects.toThrow('host reporting-1 is not up at this moment');
  });

  it('C08 pause: the process stands still and goes on as the same one; what a dead lab would leave is written down meanwhile', async () => {
    await startFleet(['reporting-1']);
    const pid = driver.processOf('reporting-1')?.pid;
    const fault = await inject('pause', 'reporting-1');
    const count = ticks.get('reporting-1') ?? 0;
    await systemClock.sleep(150);
    // One line may have been on its way.
    expect((ticks.get('reporting-1') ?? 0) - count).toBeLessThanOrEqual(1);
    const path = join(folder.path, undoFileName);
    expect(readUndoFile(path)?.undo).toEqual([{ kind: 'end-stopped-process', pid, started: expect.any(String) as string }]);
    await fault.heal(never);
    expect(readUndoFile(path)).toBeUndefined();
    const healed = ticks.get('reporting-1') ?? 0;
    await until(() => (ticks.get('reporting-1') ?? 0) > healed + 2, 'the host to go on');
    expect(driver.processOf('reporting-1')?.pid).toBe(pid);
    expect(of('host.exited')).toEqual([]);
  });

  it('C08 a host paused twice goes on when the second pause ends', async () => {
    await startFleet(['reporting-1']);
    const first = await inject('pause', 'reporting-1');
    const second = await inject('pause', 'reporting-1');
    await first.heal(never);
    const count = ticks.get('reporting-1') ?? 0;
    await systemClock.sleep(100);
    expect((ticks.get('reporting-1') ?? 0) - count).toBeLessThanOrEqual(1);
    await second.heal(never);
    await until(() => (ticks.get('reporting-1') ?? 0) > count + 2, 'the host to go on');
  });

  it('F12 a fleet is stopped while one of its hosts stands still', async () => {
    await startFleet(['reporting-1']);
    await inject('pause', 'reporting-1');
    await driver.stop(2_000);
    expect(of('host.exited')).toEqual([expect.objectContaining({ exit_code: 0, signal: null })]);
  });

  it('P02 restart: ends by SIGTERM and is ready again when healed', async () => {
    await startFleet(['reporting-1']);
    const fault = await inject('restart', 'reporting-1');
    await fault.heal(never);
    expect(of('host.exited')).toEqual([expect.objectContaining({ exit_code: 0, signal: null, expected: true })]);
    expect(of('host.ready')).toHaveLength(2);
    expect(of('host.started').map(({ restart }) => restart)).toEqual([0, 1]);
    // Nobody else starts it as well.
    await systemClock.sleep(250);
    expect(of('host.started')).toHaveLength(2);
  });

  it('P02 restart: one that heeds no SIGTERM is killed after its grace', async () => {
    await startFleet(['reporting-1'], 'stubborn');
    const fault = await inject('restart', 'reporting-1', { grace: '100ms' });
    await fault.heal(never);
    expect(of('host.exited')).toEqual([expect.objectContaining({ signal: 'SIGKILL', expected: true })]);
    expect(of('host.ready')).toHaveLength(2);
  });

  it('P02 rolling-restart: one after another, each once the one before is ready, and no other role', async () => {
    await startFleet(['control-1', 'reporting-1', 'reporting-2', 'reporting-3']);
    const before = events.length;
    const fault = await inject('rolling-restart', 'reporting');
    await fault.heal(never);
    const order = events.slice(before).flatMap((event) => (event.type === 'host.exited' || event.type === 'host.ready' ? [`${event.type} ${event.host}`] : []));
    expect(order).toEqual(['1', '2', '3'].flatMap((number) => [`host.exited reporting-${number}`, `host.ready reporting-${number}`]));
    expect(await fault.affected(never)).toEqual({ unit: 'processes', count: 3 });
  });
});
