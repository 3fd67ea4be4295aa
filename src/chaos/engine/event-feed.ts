import { WebSocket } from 'ws';
import { toFleetRecord } from '../../journal/events.ts';
import type { FleetEvent } from '../../journal/fleet-events.ts';
import type { JournalWriter } from '../../journal/writer.ts';

/**
 * One host's events, from its WebSocket into the journal. It ends with the host's connection; a host
 * that was started again gets a feed of its own.
 */
export class EventFeed {
  readonly #socket: WebSocket;

  constructor(url: string, token: string, journal: JournalWriter, onEvent: (event: FleetEvent) => void) {
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/events`, { headers: { authorization: `Bearer ${token}` } });
    this.#socket.on('message', (data) => {
      const event = parse(String(data as Buffer));
      if (event === undefined) return;
      journal.append(toFleetRecord(event));
      onEvent(event);
    });
    // A host that dies takes its feed along; its exit is told by the driver.
    this.#socket.on('error', () => undefined);
  }

  close(): void {
    this.#socket.terminate();
  }
}

/** A foreign fleet may say what we do not know: anything with a type is kept, anything else is no event. */
function parse(text: string): FleetEvent | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string' ? (value as FleetEvent) : undefined;
  } catch {
    return undefined;
  }
}
