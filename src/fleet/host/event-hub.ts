import type { Clock } from '../../core/clock.ts';
import { Emitter, type Unsubscribe } from '../../core/emitter.ts';
import { redactDeep } from '../../core/secrets.ts';
import type { FleetEvent, FleetEventDraft } from '../../journal/fleet-events.ts';

/** Newest events kept for a watcher that connects late or again; older ones are in the hosts' logs. */
const replayLimit = 2_000;

/**
 * Where a host's events meet those who watch them (D12). Emitting never throws and never waits:
 * a watcher that fails or lags costs the agents nothing.
 */
export class EventHub {
  readonly #emitter: Emitter<FleetEvent>;
  readonly #recent: FleetEvent[] = [];
  readonly #clock: Clock;
  readonly #host: string;
  readonly #correlationId: string;
  #eventNo = 0;

  /** @param correlationId of events that concern no request: the run's id */
  constructor(clock: Clock, host: string, correlationId: string, onListenerError: (error: unknown) => void) {
    this.#clock = clock;
    this.#host = host;
    this.#correlationId = correlationId;
    this.#emitter = new Emitter(onListenerError);
  }

  emit(draft: FleetEventDraft): void {
    this.#eventNo += 1;
    const event = { ...redactDeep(draft), correlation_id: draft.correlation_id ?? this.#correlationId, at: this.#clock.now(), host: this.#host, event_no: this.#eventNo } as FleetEvent;
    this.#recent.push(event);
    if (this.#recent.length > replayLimit) this.#recent.splice(0, this.#recent.length - replayLimit);
    this.#emitter.emit(event);
  }

  /** Hands over what is kept and came after the event of number `after`, oldest first, then everything as it comes. */
  watch(listener: (event: FleetEvent) => void, after = 0): Unsubscribe {
    for (const event of this.#recent) if ((event.event_no ?? 0) > after) listener(event);
    return this.#emitter.on(listener);
  }
}
