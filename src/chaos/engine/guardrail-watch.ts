import type { CancelTimer, Clock } from '../../core/clock.ts';
import type { JournalEvent } from '../../journal/events.ts';

export interface Guardrail {
  readonly kind: 'level';
  /** A host at this level or a worse one counts. */
  readonly atLeast: number;
  readonly lastsMs: number;
}

/** Trips, once each, when some host has been at a level for too long without a break. */
export class GuardrailWatch {
  readonly #levels = new Map<string, number>();
  readonly #timers = new Map<Guardrail, CancelTimer>();
  readonly #tripped = new Set<Guardrail>();
  readonly #guardrails: readonly Guardrail[];
  readonly #clock: Clock;
  readonly #onTrip: (guardrail: string, detail: string) => void;

  constructor(guardrails: readonly Guardrail[], clock: Clock, onTrip: (guardrail: string, detail: string) => void) {
    this.#guardrails = guardrails;
    this.#clock = clock;
    this.#onTrip = onTrip;
  }

  onEvent(event: JournalEvent): void {
    if (event.type === 'level.changed') this.#levels.set(event.host, event.to);
    // A host that was started again begins at level 0.
    else if (event.type === 'host.exited') this.#levels.delete(event.host);
    else return;
    for (const guardrail of this.#guardrails) this.#look(guardrail);
  }

  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #look(guardrail: Guardrail): void {
    const { atLeast, lastsMs } = guardrail;
    const over = [...this.#levels.values()].some((level) => level >= atLeast);
    const running = this.#timers.get(guardrail);
    if (!over) {
      running?.();
      this.#timers.delete(guardrail);
    } else if (running === undefined && !this.#tripped.has(guardrail)) {
      const trip = (): void => {
        this.#timers.delete(guardrail);
        this.#tripped.add(guardrail);
        const hosts = [...this.#levels].flatMap(([host, level]) => (level >= atLeast ? [`${host} at ${level}`] : []));
        this.#onTrip(`level-${atLeast}`, `level ${atLeast} or worse has lasted ${lastsMs} ms: ${hosts.join(', ')}`);
      };
      this.#timers.set(guardrail, this.#clock.setTimer(lastsMs, trip));
    }
  }
}
