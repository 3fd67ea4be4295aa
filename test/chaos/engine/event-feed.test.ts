import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { EventFeed } from '../../../src/chaos/engine/event-feed.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';
import type { FleetEvent } from '../../../src/journal/fleet-events.ts';
import { JournalWriter } from '../../../src/journal/writer.ts';
import { temporaryFolder } from '../../helpers/cli.ts';
import { until } from '../../helpers/until.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let http: Server;
let sockets: WebSocketServer;
let url: string;
let journal: JournalWriter;
let events: JournalEvent[];
let heard: FleetEvent[];
let paths: string[];
let feed: EventFeed;
let clock: VirtualClock;
const connections: WebSocket[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  [events, heard, paths] = [[], [], []];
  clock = new VirtualClock();
  connections.length = 0;
  http = createServer();
  sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket, request) => {
    connections.push(socket);
    paths.push(`${request.url} ${request.headers.authorization}`);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  journal = new JournalWriter(join(folder.path, 'j.ndjson'), 'r', systemClock);
  journal.onEvent((event) => events.push(event));
  feed = new EventFeed({ host: 'reporting-1', url, token: 't', journal, clock, onEvent: (event) => heard.push(event) });
  await until(() => connections.length === 1, 'the feed to connect');
});
afterEach(async () => {
  feed.close();
  for (const socket of connections) socket.terminate();
  sockets.close();
  await new Promise((resolve) => http.close(resolve));
  journal.close();
  await folder[Symbol.asyncDispose]();
});

const started = (no: number): string => JSON.stringify({ type: 'agent_started', at: 5, host: 'says who', event_no: no, agent: `a${no}` });

describe('the feed of a host\'s events', () => {
  it('D12 journals each event, under the host\'s name that the lab knows', async () => {
    connections[0]?.send(started(1));
    await until(() => events.length === 1, 'the event');
    expect(events[0]).toMatchObject({ type: 'agent.started', host: 'reporting-1', host_at: 5, agent: 'a1', seq: 1 });
    expect(heard).toHaveLength(1);
    expect(paths).toEqual(['/events?after=0 Bearer t']);
  });

  it('N07 what is no event is passed over, and what a host may not say is marked as foreign', async () => {
    for (const text of ['no json', '5', 'null', '[]', '{"no":"type"}', '{"type":7}']) connections[0]?.send(text);
    connections[0]?.send(JSON.stringify({ type: 'run_finished', verdict: 'pass', seq: 77 }));
    await until(() => events.length === 1, 'the one event');
    expect(events[0]).toMatchObject({ type: 'foreign.run_finished', seq: 1 });
  });

  it('D12 a connection that breaks is made again and goes on after the last event: none twice, and a gap is told', async () => {
    connections[0]?.send(started(1));
    connections[0]?.send(started(2));
    await until(() => events.length === 2, 'two events');
    connections[0]?.terminate();
    await until(async () => {
      await clock.advance(200);
      return connections.length === 2;
    }, 'the feed to come again');
    expect(paths[1]).toBe('/events?after=2 Bearer t');
    // A host that knows no `after` tells all of it again.
    for (const no of [1, 2, 3]) connections[1]?.send(started(no));
    connections[1]?.send(started(6));
    await until(() => heard.length === 4, 'the events after it');
    expect(events.map((event) => event.type)).toEqual(['agent.started', 'agent.started', 'agent.started', 'infra.warning', 'agent.started']);
    expect(events[3]).toMatchObject({ service: 'reporting-1', message: expect.stringContaining('2 events') });
  });

  it('F12 after its end it neither journals nor comes again', async () => {
    feed.close();
    connections[0]?.send(started(1));
    await until(() => connections[0]?.readyState === 3, 'the connection to close');
    expect(clock.pendingTimers).toBe(0);
    expect(connections).toHaveLength(1);
    expect(events).toEqual([]);
  });
});
