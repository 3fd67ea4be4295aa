import { describe, expect, it } from 'vitest';
import type { FleetDatabase, RecordedWrite } from '../../../src/fleet/connectors/database/fleet-database.ts';
import { PeerDirectory } from '../../../src/fleet/host/peer-directory.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { fakeServices } from '../agents/agent-services.ts';

interface Row {
  readonly host: string;
  readonly role: string;
  readonly url: string;
  readonly seen_at: number;
}

/** The table `fleet_hosts` as all hosts share it. */
class HostTable {
  mode: FleetDatabase['mode'] = 'postgres';
  broken = false;
  reads = 0;
  onRead: () => void = () => undefined;
  readonly rows = new Map<string, Row>();
  readonly database = {
    recordWrite: async ({ key, row }: RecordedWrite): Promise<{ changed: boolean }> => {
      if (this.broken) throw new Error('connection lost');
      this.rows.set(String(key['host']), { ...key, ...row } as unknown as Row);
      return { changed: true };
    },
    query: async (): Promise<Row[]> => {
      this.reads += 1;
      this.onRead();
      if (this.broken) throw new Error('connection lost');
      return [...this.rows.values()];
    },
  };
  view(): FleetDatabase {
    const mode = (): FleetDatabase['mode'] => this.mode;
    return Object.defineProperty({ ...this.database }, 'mode', { get: mode }) as unknown as FleetDatabase;
  }
}

function directory(table: HostTable, clock: VirtualClock, host = 'control-1', role: 'control' | 'reporting' = 'control'): { peers: PeerDirectory; lines: readonly { message: string }[] } {
  const { logger, lines } = fakeServices();
  return { peers: new PeerDirectory(table.view(), clock, logger, { host, role, url: `http://${host}` }), lines };
}

describe('the list of hosts', () => {
  it('F08 hosts write themselves in and find each other by role, taking turns', async () => {
    const clock = new VirtualClock();
    const table = new HostTable();
    const others = ['reporting-1', 'reporting-2'].map((host) => directory(table, clock, host, 'reporting').peers);
    for (const peers of others) peers.start();
    const { peers } = directory(table, clock);
    peers.start();
    await clock.advance(2_000);
    const turns = [await peers.urls('reporting'), await peers.urls('reporting')];
    expect(turns[0]?.toSorted()).toEqual(['http://reporting-1', 'http://reporting-2']);
    expect(turns[1]).toEqual(turns[0]?.toReversed());
    expect(await peers.urls('control')).toEqual(['http://control-1']);
    await Promise.all([peers, ...others].map((each) => each.close()));
    expect(clock.pendingTimers).toBe(0);
  });

  it('F08 what was read last serves on while the database is away, and while SQLite stands in for it', async () => {
    const clock = new VirtualClock();
    const table = new HostTable();
    table.rows.set('reporting-1', { host: 'reporting-1', role: 'reporting', url: 'http://reporting-1', seen_at: clock.now() });
    const { peers, lines } = directory(table, clock);
    peers.start();
    await clock.advance(0);
    table.broken = true;
    await clock.advance(4_000);
    expect(await peers.urls('reporting')).toEqual(['http://reporting-1']);
    expect(lines.some(({ message }) => message.includes('could not be refreshed'))).toBe(true);
    table.broken = false;
    table.mode = 'sqlite';
    table.rows.clear();
    const before = table.reads;
    await clock.advance(60_000);
    expect(await peers.urls('reporting')).toEqual(['http://reporting-1']);
    expect(table.reads).toBe(before);
    await peers.close();
  });

  it('F08 a list read while SQLite takes over, which knows nobody else, replaces nothing', async () => {
    const clock = new VirtualClock();
    const table = new HostTable();
    table.rows.set('reporting-1', { host: 'reporting-1', role: 'reporting', url: 'http://reporting-1', seen_at: clock.now() });
    const { peers } = directory(table, clock);
    peers.start();
    await clock.advance(0);
    table.onRead = () => {
      table.mode = 'sqlite';
      table.rows.clear();
    };
    await clock.advance(2_000);
    expect(table.mode).toBe('sqlite');
    expect(await peers.urls('reporting')).toEqual(['http://reporting-1']);
    await peers.close();
  });

  it('F08 one that has not been seen for 20 s is not called any more; where none is known it is looked up anew', async () => {
    const clock = new VirtualClock();
    const table = new HostTable();
    table.rows.set('reporting-1', { host: 'reporting-1', role: 'reporting', url: 'http://reporting-1', seen_at: clock.now() });
    const { peers } = directory(table, clock);
    expect(await peers.urls('reporting')).toEqual(['http://reporting-1']);
    peers.start();
    await clock.advance(22_000);
    expect(await peers.urls('reporting')).toEqual([]);
    table.rows.set('reporting-2', { host: 'reporting-2', role: 'reporting', url: 'http://reporting-2', seen_at: clock.now() });
    expect(await peers.urls('reporting')).toEqual(['http://reporting-2']);
    await peers.close();
  });

  it('F08 two hosts of one name are told, each once; the one that had the name before, and has ended, is not', async () => {
    const clock = new VirtualClock();
    const table = new HostTable();
    table.rows.set('control-1', { host: 'control-1', role: 'control', url: 'http://before', seen_at: clock.now() });
    const { peers, lines } = directory(table, clock);
    peers.start();
    await clock.advance(2_000);
    expect(lines.filter(({ message }) => message.includes('same name'))).toEqual([]);
    for (let round = 0; round < 3; round++) {
      table.rows.set('control-1', { host: 'control-1', role: 'control', url: 'http://twin', seen_at: clock.now() });
      await clock.advance(2_000);
    }
    expect(lines.filter(({ message }) => message.includes('same name'))).toEqual([expect.objectContaining({ level: 'error', fields: { other_url: 'http://twin' } })]);
    await peers.close();
  });
});
