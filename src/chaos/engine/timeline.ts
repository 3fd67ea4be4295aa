import { abortReason, raceAbort } from '../../core/abort.ts';
import type { CancelTimer, Clock } from '../../core/clock.ts';
import { counted } from '../../core/counted.ts';
import { asError } from '../../core/errors.ts';
import type { FaultHealed, JournalEvent, JournalFact } from '../../journal/events.ts';
import type { InjectedFault } from '../faults/fault.ts';
import { eventHost } from '../scenario/fault-entry.ts';
import type { PlannedOccurrence } from './fault-plan.ts';

export interface TimelineOptions {
  readonly occurrences: readonly PlannedOccurrence[];
  readonly clock: Clock;
  readonly append: (fact: JournalFact) => void;
  /** Makes the fault happen. Its signal aborts when time is up or the run ends: what was done by then is taken back by the fault itself. */
  readonly inject: (occurrence: PlannedOccurrence, target: string, signal: AbortSignal) => Promise<InjectedFault>;
  /** Happens at once and takes itself back, see FaultDefinition. */
  readonly isMomentary: (occurrence: PlannedOccurrence) => boolean;
  /** Which events count for `after` and `until`. */
  readonly counts: (event: JournalEvent) => boolean;
  /** A type as which an event counts as well; called once for each event that counts. @default none */
  readonly standsFor?: (event: JournalEvent) => string | undefined;
  /** The run's own: once it aborts, nobody waits any longer for hosts that are being restarted. */
  readonly signal: AbortSignal;
  /** @default 10000 */
  readonly injectTimeoutMs?: number;
  /** A restart of hosts is waited for as part of healing. @default 60000 */
  readonly healTimeoutMs?: number;
}

/** A fault from the call that injects it to the end of the one that heals it. */
interface Active {
  readonly occurrence: PlannedOccurrence;
  /** undefined once settled without a fault to heal. */
  injected: InjectedFault | undefined;
  readonly cancels: CancelTimer[];
  healing?: Promise<void>;
}

/** Waits for the `left`-th event of a type from now on. */
interface Awaited {
  readonly event: string;
  readonly wanted: number;
  seen: number;
  readonly onReached: (event: JournalEvent) => void;
}

/**
 * Begins and ends the faults of a scenario, by the clock and by events. Injecting and healing run one
 * after another, in the order in which they fell due, so that one seed gives one sequence. Whatever
 * happens, every fault that was injected is healed once, those that are left at the end in reverse order.
 */
export class Timeline {
  readonly #options: Required<TimelineOptions>;
  readonly #active: Active[] = [];
  readonly #awaited = new Set<Awaited>();
  readonly #timers = new Set<CancelTimer>();
  readonly #begun = new Set<string>();
  readonly #ending = new AbortController();
  /** Injections that went on after their time was up. */
  readonly #late: Promise<void>[] = [];
  #turn: Promise<void> = Promise.resolve();
  #ended: Promise<void> | undefined;

  constructor(options: TimelineOptions) {
    this.#options = { injectTimeoutMs: 10_000, healTimeoutMs: 60_000, standsFor: () => undefined, ...options };
  }

  /** Faults that begin before the hosts are started; resolves once they are at work. Their `for` counts from `begin`. */
  async precede(): Promise<void> {
    for (const occurrence of this.#options.occurrences) if (occurrence.fault.start.kind === 'before-fleet') this.#due(occurrence, occurrence.target);
    await this.#turn;
  }

  /** The jobs begin now: times and events count from here. */
  begin(): void {
    if (this.#ended !== undefined) return;
    for (const active of this.#active) this.#limit(active);
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
    this.#ending.abort(new Error('the faults are being taken back'));
    this.#awaited.clear();
    await this.#turn;
    for (const active of [...this.#active].toReversed()) await this.#heal(active, reason);
    // One that never comes to an end is known from its fault.failed.
    await this.#bounded(() => Promise.all(this.#late), this.#options.injectTimeoutMs).catch(() => undefined);
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
    this.#inTurn(() => this.#inject(occurrence, target));
  }

  async #inject(occurrence: PlannedOccurrence, target: string): Promise<void> {
    const { append, clock, injectTimeoutMs, inject, isMomentary } = this.#options;
    if (this.#ending.signal.aborted) return;
    const { fault } = occurrence;
    const active: Active = { occurrence, injected: undefined, cancels: [] };
    this.#active.push(active);
    const late = new AbortController();
    const cancelTimer = clock.setTimer(injectTimeoutMs, () => late.abort(new Error(`the fault could not be injected within ${injectTimeoutMs} ms`)));
    const signal = AbortSignal.any([this.#ending.signal, late.signal]);
    // Events that the injection itself brings about count already.
    if (!isMomentary(occurrence) && fault.length.kind === 'until') active.cancels.push(this.#await(fault.length, () => this.#healInTurn(active)));
    const injecting = (async () => inject(occurrence, target, signal))();
    try {
      active.injected = await raceAbort(injecting, signal);
    } catch (error) {
      for (const cancel of active.cancels) cancel();
      this.#forget(active);
      // A fault that does not heed its signal may still come about: it must not stay.
      this.#late.push(
        injecting.then(
          (injected) => this.#healLate(occurrence, injected),
          () => undefined,
        ),
      );
      if (!this.#ending.signal.aborted || error !== abortReason(this.#ending.signal)) append({ type: 'fault.failed', fault: fault.id, phase: 'inject', detail: asError(error).message });
      return;
    } finally {
      cancelTimer();
    }
    append({ type: 'fault.injected', fault: fault.id, fault_type: fault.type, target, parameters: fault.parameters, occurrence: occurrence.occurrence });
    if (isMomentary(occurrence)) void this.#heal(active, 'length');
    else if (fault.start.kind !== 'before-fleet') this.#limit(active);
  }

  #limit(active: Active): void {
    const { length } = active.occurrence.fault;
    if (length.kind === 'for') active.cancels.push(this.#later(length.forMs, () => this.#healInTurn(active)));
  }

  #healInTurn(active: Active): void {
    // At the end all that are left are healed in reverse order, those too whose time has just come.
    this.#inTurn(() => (active.injected === undefined || this.#ending.signal.aborted ? Promise.resolve() : this.#heal(active, 'length')));
  }

  #heal(active: Active, reason: FaultHealed['reason']): Promise<void> {
    active.healing ??= this.#healNow(active, reason).finally(() => this.#forget(active));
    return active.healing;
  }

  async #healNow({ occurrence, injected, cancels }: Active, reason: FaultHealed['reason']): Promise<void> {
    for (const cancel of cancels) cancel();
    if (injected === undefined) return;
    const { append, isMomentary } = this.#options;
    const { fault } = occurrence;
    const failed = (phase: 'heal' | 'count', error: unknown): void => append({ type: 'fault.failed', fault: fault.id, phase: 'heal', detail: `${phase === 'count' ? 'what it touched is not known: ' : ''}${asError(error).message}` });
    let affected: { readonly unit: string; readonly count: number | null } = { unit: 'unknown', count: null };
    const count = async (): Promise<void> => {
      affected = await this.#bounded((signal) => injected.affected(signal)).catch((error: unknown) => {
        failed('count', error);
        return affected;
      });
    };
    // What lasts is counted while it is still there; what happens at once, when it is over.
    if (!isMomentary(occurrence)) await count();
    const over = this.#options.signal;
    const healed = await this.#bounded((signal) => injected.heal(isMomentary(occurrence) ? AbortSignal.any([signal, over]) : signal)).then(
      () => true,
      (error: unknown) => {
        if (isMomentary(occurrence) && over.aborted) return true;
        failed('heal', error);
        return false;
      },
    );
    if (isMomentary(occurrence)) await count();
    if (healed) append({ type: 'fault.healed', fault: fault.id, occurrence: occurrence.occurrence, affected: affected.count, unit: affected.unit, reason: over.aborted ? 'interrupted' : reason });
  }

  async #healLate(occurrence: PlannedOccurrence, injected: InjectedFault): Promise<void> {
    await this.#bounded((signal) => injected.heal(signal)).catch((error: unknown) =>
      this.#options.append({ type: 'fault.failed', fault: occurrence.fault.id, phase: 'heal', detail: asError(error).message }),
    );
  }

  async #bounded<T>(work: (signal: AbortSignal) => Promise<T>, timeoutMs = this.#options.healTimeoutMs): Promise<T> {
    const late = new AbortController();
    const cancel = this.#options.clock.setTimer(timeoutMs, () => late.abort(new Error(`no end within ${timeoutMs} ms`)));
    try {
      return await raceAbort((async () => work(late.signal))(), late.signal);
    } finally {
      cancel();
    }
  }

  #forget(active: Active): void {
    const index = this.#active.indexOf(active);
    if (index >= 0) this.#active.splice(index, 1);
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work);
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
