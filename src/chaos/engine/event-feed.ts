import { WebSocket } from 'ws';
import type { CancelTimer, Clock } from '../../core/clock.ts';
import { toFleetRecord } from '../../journal/events.ts';
import type { FleetEvent } from '../../journal/fleet-events.ts';
import type { JournalWriter } from '../../journal/writer.ts';

/** Before coming back to a host that has cut the connection although it lives: a watcher that lagged, a proxy in between. */
const reconnectAfterMs = 200;

export interface EventFeedOptions {
  /** As the lab calls it, whatever the events say. */
  readonly host: string;
  readonly url: string;
  readonly token: string;
  readonly journal: JournalWriter;
  readonly clock: Clock;
  readonly onEvent: (event: FleetEvent) => void;
}

/**
 * One host's events, from its WebSocket into the journal, each once: after a broken connection it goes on
 * after the last one, and says so where the host has kept less than that. It ends by `close`, when the
 * host's process does; a host that was started again gets a feed of its own.
 */
export class EventFeed {
  readonly #options: EventFeedOptions;
  #socket: WebSocket;
  #lastNo = 0;
  #closed = false;
  #cancelReconnect: CancelTimer = () => undefined;

  constructor(options: EventFeedOptions) {
    this.#options = options;
    this.#socket = this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#cancelReconnect();
    this.#socket.terminate();
  }

  #open(): WebSocket {
    const { url, token, clock } = this.#options;
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/events?after=${this.#lastNo}`, { headers: { authorization: `Bearer ${token}` } });
    socket.on('message', (data) => {
      const event = parse(Buffer.isBuffer(data) ? data.toString('utf8') : '');
      if (event !== undefined && !this.#closed) this.#take(event);
    });
    // A host that dies takes its feed along, which its exit tells; anything else ends in `close`.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#closed) return;
      this.#cancelReconnect = clock.setTimer(reconnectAfterMs, () => {
        this.#socket = this.#open();
      });
    });
    return socket;
  }

  #take(given: FleetEvent): void {
    const { host, journal, onEvent } = this.#options;
    const event = { ...given, host };
    const { event_no: no } = event;
    if (typeof no === 'number') {
      if (no <= this.#lastNo) return;
      if (no > this.#lastNo + 1) journal.append({ type: 'infra.warning', service: host, message: `${no - this.#lastNo - 1} events of the host were lost to the screen: it keeps no more` });
      this.#lastNo = no;
    }
    journal.append(toFleetRecord(event));
    onEvent(event);
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
