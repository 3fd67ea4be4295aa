import { abortReason, raceAbort } from '../../core/abort.ts';
import type { CancelTimer, Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import type { FaultHealed, JournalFact } from '../../journal/events.ts';
import type { InjectedFault } from '../faults/fault.ts';

export interface ActiveFaultsOptions {
  readonly clock: Clock;
  readonly append: (fact: JournalFact) => void;
  /** The run's own: once it aborts, nobody waits any longer for hosts that are being restarted. */
  readonly signal: AbortSignal;
  /** @default 10000 */
  readonly injectTimeoutMs?: number;
  /** A restart of hosts is waited for as part of healing. @default 60000 */
  readonly healTimeoutMs?: number;
}

/** What is to be injected. */
export interface FaultOrder {
  /** As in the journal; unique together with `occurrence`. */
  readonly fault: string;
  readonly occurrence: number;
  /** Happens at once and takes itself back, see FaultDefinition. */
  readonly momentary: boolean;
  /** Makes it happen. Its signal aborts when time is up or the run ends: what was done by then is taken back by the fault itself. */
  readonly inject: (signal: AbortSignal) => Promise<InjectedFault>;
}

/** A fault from the call that injects it to the end of the one that heals it. */
export class ActiveFault {
  readonly order: FaultOrder;
  /** undefined until it is at work; stays so where it could not be injected. */
  injected: InjectedFault | undefined;
  /** Timers and the like that would heal it; cancelled once somebody does. */
  readonly cancels: CancelTimer[] = [];
  healing: Promise<void> | undefined;

  constructor(order: FaultOrder) {
    this.order = order;
  }
}

/**
 * The faults at work in a run, whoever began them. Injecting and healing run one after another, in the order in which
 * they fell due, and bounded in time. Whatever happens, every fault that was injected is healed once, those that are
 * left at the end in reverse order; how it went is in the journal.
 */
export class ActiveFaults {
  readonly #options: Required<ActiveFaultsOptions>;
  readonly #active: ActiveFault[] = [];
  readonly #ending = new AbortController();
  /** Injections that went on after their time was up. */
  readonly #late: Promise<void>[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #ended: Promise<void> | undefined;

  constructor(options: ActiveFaultsOptions) {
    this.#options = { injectTimeoutMs: 10_000, healTimeoutMs: 60_000, ...options };
  }

  /** Nothing is injected any more. */
  get ending(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Runs `work` once all that fell due before is done; a failure is the caller's, the next one gets its turn all the same. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** Resolves when all that has fallen due so far is done. */
  async dueDone(): Promise<void> {
    await this.#turn;
  }

  /** Injected, and not yet healed. */
  isAtWork(active: ActiveFault): boolean {
    return active.injected !== undefined && this.#active.includes(active);
  }

  /** From here on it is one of those at work; to be injected in the same turn. */
  begin(order: FaultOrder): ActiveFault {
    const active = new ActiveFault(order);
    this.#active.push(active);
    return active;
  }

  /** Why it is not at work, or undefined where it is; told in the journal, unless it is the run that ended. */
  async inject(active: ActiveFault): Promise<Error | undefined> {
    const { append, clock, injectTimeoutMs } = this.#options;
    const { order } = active;
    const late = new AbortController();
    const cancelTimer = clock.setTimer(injectTimeoutMs, () => late.abort(new Error(`the fault could not be injected within ${injectTimeoutMs} ms`)));
    const signal = AbortSignal.any([this.#ending.signal, late.signal]);
    const injecting = (async () => order.inject(signal))();
    try {
      active.injected = await raceAbort(injecting, signal);
      return undefined;
    } catch (error) {
      for (const cancel of active.cancels) cancel();
      this.#forget(active);
      // A fault that does not heed its signal may still come about: it must not stay.
      this.#late.push(
        injecting.then(
          (injected) => this.#healLate(order, injected),
          () => undefined,
        ),
      );
      if (!this.ending || error !== abortReason(this.#ending.signal)) append({ type: 'fault.failed', fault: order.fault, phase: 'inject', detail: asError(error).message });
      return asError(error);
    } finally {
      cancelTimer();
    }
  }

  /** In its turn; does nothing where it is not at work by then. */
  healInTurn(active: ActiveFault, reason: FaultHealed['reason'] = 'length'): Promise<void> {
    // At the end all that are left are healed in reverse order, those too whose time has just come.
    return this.inTurn(() => (active.injected === undefined || this.ending ? Promise.resolve() : this.heal(active, reason)));
  }

  /** At once. Never rejects: what could not be taken back is told. */
  heal(active: ActiveFault, reason: FaultHealed['reason']): Promise<void> {
    active.healing ??= this.#healNow(active, reason).finally(() => this.#forget(active));
    return active.healing;
  }

  /** Heals what is left, in reverse order, and lets nothing begin any more. Resolves when nothing is; a second call waits for the first. */
  end(reason: FaultHealed['reason']): Promise<void> {
    this.#ended ??= this.#end(reason);
    return this.#ended;
  }

  async #end(reason: FaultHealed['reason']): Promise<void> {
    this.#ending.abort(new Error('the faults are being taken back'));
    await this.#turn;
    for (const active of [...this.#active].toReversed()) await this.heal(active, reason);
    // One that never comes to an end is known from its fault.failed.
    await this.#bounded(() => Promise.all(this.#late), this.#options.injectTimeoutMs).catch(() => undefined);
  }

  async #healNow({ order, injected, cancels }: ActiveFault, reason: FaultHealed['reason']): Promise<void> {
    for (const cancel of cancels) cancel();
    if (injected === undefined) return;
    const { append } = this.#options;
    const { fault, occurrence, momentary } = order;
    const failed = (phase: 'heal' | 'count', error: unknown): void => append({ type: 'fault.failed', fault, phase: 'heal', detail: `${phase === 'count' ? 'what it touched is not known: ' : ''}${asError(error).message}` });
    let affected: { readonly unit: string; readonly count: number | null } = { unit: 'unknown', count: null };
    const count = async (): Promise<void> => {
      affected = await this.#bounded((signal) => injected.affected(signal)).catch((error: unknown) => {
        failed('count', error);
        return affected;
      });
    };
    // What lasts is counted while it is still there; what happens at once, when it is over.
    if (!momentary) await count();
    const over = this.#options.signal;
    const healed = await this.#bounded((signal) => injected.heal(momentary ? AbortSignal.any([signal, over]) : signal)).then(
      () => true,
      (error: unknown) => {
        if (momentary && over.aborted) return true;
        failed('heal', error);
        return false;
      },
    );
    if (momentary) await count();
    if (healed) append({ type: 'fault.healed', fault, occurrence, affected: affected.count, unit: affected.unit, reason: over.aborted ? 'interrupted' : reason });
  }

  async #healLate({ fault }: FaultOrder, injected: InjectedFault): Promise<void> {
    await this.#bounded((signal) => injected.heal(signal)).catch((error: unknown) => this.#options.append({ type: 'fault.failed', fault, phase: 'heal', detail: asError(error).message }));
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

  #forget(active: ActiveFault): void {
    const index = this.#active.indexOf(active);
    if (index >= 0) this.#active.splice(index, 1);
  }
}
