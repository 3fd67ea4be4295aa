import type { CancelTimer, Clock } from '../../core/clock.ts';
import { counted } from '../../core/counted.ts';
import type { FaultHealed, JournalEvent, JournalFact } from '../../journal/events.ts';
import type { InjectedFault } from '../faults/fault.ts';
import { eventHost } from '../scenario/fault-entry.ts';
import type { ActiveFault, ActiveFaults } from './active-faults.ts';
import type { PlannedOccurrence } from './fault-plan.ts';

export interface TimelineOptions {
  readonly occurrences: readonly PlannedOccurrence[];
  readonly clock: Clock;
  readonly append: (fact: JournalFact) => void;
  /** Those at work; ended together with the timeline. */
  readonly faults: ActiveFaults;
  /** Makes the fault happen. Its signal aborts when time is up or the run ends: what was done by then is taken back by the fault itself. */
  readonly inject: (occurrence: PlannedOccurrence, target: string, signal: AbortSignal) => Promise<InjectedFault>;
  /** Happens at once and takes itself back, see FaultDefinition. */
  readonly isMomentary: (occurrence: PlannedOccurrence) => boolean;
  /** Which events count for `after` and `until`. */
  readonly counts: (event: JournalEvent) => boolean;
  /** A type as which an event counts as well; called once for each event that counts. @default none */
  readonly standsFor?: (event: JournalEvent) => string | undefined;
}

/** Waits for the `left`-th event of a type from now on. */
interface Awaited {
  readonly event: string;
  readonly wanted: number;
  seen: number;
  readonly onReached: (event: JournalEvent) => void;
}

/**
 * Begins and ends the faults of a scenario, by the clock and by events, in the order in which they fall due, so
 * that one seed gives one sequence.
 */
export class Timeline {
  readonly #options: Required<TimelineOptions>;
  /** At work and waiting for the jobs to begin: their time counts from there. */
  readonly #preceding: { readonly occurrence: PlannedOccurrence; readonly active: ActiveFault }[] = [];
  readonly #awaited = new Set<Awaited>();
  readonly #timers = new Set<CancelTimer>();
  readonly #begun = new Set<string>();
  #ended: Promise<void> | undefined;

  constructor(options: TimelineOptions) {
    this.#options = { standsFor: () => undefined, ...options };
  }

  /** Faults that begin before the hosts are started; resolves once they are at work. Their `for` counts from `begin`. */
  async precede(): Promise<void> {
    for (const occurrence of this.#options.occurrences) if (occurrence.fault.start.kind === 'before-fleet') this.#due(occurrence, occurrence.target);
    await this.#options.faults.dueDone();
  }

  /** The jobs begin now: times and events count from here. */
  begin(): void {
    if (this.#ended !== undefined) return;
    for (const { occurrence, active } of this.#preceding) if (active.healing === undefined) this.#limit(occurrence, active);
    for (const occurrence of this.#options.occurrences) {
      const { start } = occurrence.fault;
      const laterMs = (occurrence.occurrence - 1) * (occurrence.fault.repeat?.everyMs ?? 0);
      if (start.kind === 'at') this.#later(start.atMs + laterMs, () => this.#due(occurrence, occurrence.target));
      else if (start.kind === 'after') this.#await(start, (event) => this.#later(laterMs, () => this.#dueAfter(occurrence, event)));
    }
  }

  onEvent(event: JournalEvent): void {
    if (!this.#options.counts(event)) return;
    const standsFor = this.#options.standsFor(event);
    // What is reached may add others, which count from the next event on.
    for (const awaited of Array.from(this.#awaited)) {
      if (awaited.event !== event.type && awaited.event !== standsFor) continue;
      awaited.seen += 1;
      if (awaited.seen < awaited.wanted) continue;
      this.#awaited.delete(awaited);
      awaited.onReached(event);
    }
  }

  /** Heals what is left, in reverse order. Resolves when nothing is; a second call waits for the first. */
  end(reason: FaultHealed['reason']): Promise<void> {
    this.#ended ??= this.#end(reason);
    return this.#ended;
  }

  async #end(reason: FaultHealed['reason']): Promise<void> {
    for (const cancel of this.#timers) cancel();
    if (reason === 'end') this.#tellUnbegun();
    const ended = this.#options.faults.end(reason);
    this.#awaited.clear();
    await ended;
  }

  /** A scenario whose fault never began has shown nothing of it. */
  #tellUnbegun(): void {
    for (const { fault } of this.#options.occurrences) {
      if (this.#begun.has(fault.id)) continue;
      this.#begun.add(fault.id);
      const { start } = fault;
      const seen = start.kind === 'after' ? Math.max(0, ...[...this.#awaited].filter((awaited) => awaited.event === start.event && awaited.wanted === start.count).map((awaited) => awaited.seen)) : 0;
      const detail = start.kind === 'after' ? `its start never came: ${start.event} was seen ${seen} of ${counted(start.count, 'time')}` : 'its start never came: the jobs were done before';
      this.#options.append({ type: 'fault.failed', fault: fault.id, phase: 'start', detail });
    }
  }

  #dueAfter(occurrence: PlannedOccurrence, event: JournalEvent): void {
    if (occurrence.target !== eventHost) return this.#due(occurrence, occurrence.target);
    if ('host' in event && typeof event.host === 'string') return this.#due(occurrence, event.host);
    this.#begun.add(occurrence.fault.id);
    this.#options.append({ type: 'fault.failed', fault: occurrence.fault.id, phase: 'start', detail: `${event.type} comes from no host, so it names none to break` });
  }

  #due(occurrence: PlannedOccurrence, target: string): void {
    const { fault, draw, happens } = occurrence;
    this.#begun.add(fault.id);
    if (!happens) {
      this.#options.append({ type: 'fault.skipped', fault: fault.id, occurrence: occurrence.occurrence, probability: fault.probability, draw: draw ?? 0 });
      return;
    }
    void this.#options.faults.inTurn(() => this.#inject(occurrence, target));
  }

  async #inject(occurrence: PlannedOccurrence, target: string): Promise<void> {
    const { append, faults, inject, isMomentary } = this.#options;
    if (faults.ending) return;
    const { fault } = occurrence;
    const active = faults.begin({ fault: fault.id, occurrence: occurrence.occurrence, momentary: isMomentary(occurrence), inject: (signal) => inject(occurrence, target, signal) });
    // Events that the injection itself brings about count already.
    if (!isMomentary(occurrence) && fault.length.kind === 'until') active.cancels.push(this.#await(fault.length, () => void faults.healInTurn(active)));
    if ((await faults.inject(active)) !== undefined) return;
    const lasts = fault.length.kind === 'for' && !isMomentary(occurrence) ? { lasts_ms: fault.length.forMs } : {};
    append({ type: 'fault.injected', fault: fault.id, fault_type: fault.type, target, parameters: fault.parameters, occurrence: occurrence.occurrence, ...lasts });
    if (isMomentary(occurrence)) void faults.heal(active, 'length');
    else if (fault.start.kind === 'before-fleet') this.#preceding.push({ occurrence, active });
    else this.#limit(occurrence, active);
  }

  #limit({ fault: { length } }: PlannedOccurrence, active: ActiveFault): void {
    if (length.kind === 'for') active.cancels.push(this.#later(length.forMs, () => void this.#options.faults.healInTurn(active)));
  }

  #await({ event, count }: { readonly event: string; readonly count: number }, onReached: (event: JournalEvent) => void): CancelTimer {
    const awaited: Awaited = { event, wanted: count, seen: 0, onReached };
    this.#awaited.add(awaited);
    return () => void this.#awaited.delete(awaited);
  }

  #later(delayMs: number, callback: () => void): CancelTimer {
    const cancelTimer = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    const cancel = (): void => {
      this.#timers.delete(cancel);
      cancelTimer();
    };
    this.#timers.add(cancel);
    return cancel;
  }
}
