import type { Clock } from '../../core/clock.ts';
import { createRng } from '../../core/rng.ts';
import { suggest } from '../../core/suggestion.ts';
import type { JournalFact } from '../../journal/events.ts';
import { readFaultParameters } from '../faults/fault-choice-parameters.ts';
import { injectableFaults, targetsOf } from '../faults/fault-choices.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { findFault } from '../faults/index.ts';
import { hostsOf } from '../scenario/fleet-hosts.ts';
import type { ActiveFault, ActiveFaults } from './active-faults.ts';
import type { FaultBench } from './fault-bench.ts';

/** A fault that somebody wants now. */
export interface LiveFaultRequest {
  readonly type: string;
  /** A service, a host or a role, as the fault allows; empty where it leaves no choice. */
  readonly target: string;
  /** As scenario files write them: durations are texts. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Heals itself after this. @default until it is healed, or the run ends */
  readonly lengthMs?: number;
}

/** Faults that are injected and healed by hand while a run is under way. */
export interface LiveFaults {
  /**
   * Resolves with the fault's id (`latency-redis-user-1`) once it is at work. Rejects with FaultRefused where it cannot be,
   * with nothing injected, and with the reason where injecting failed, which is in the journal as well.
   */
  inject(request: LiveFaultRequest): Promise<string>;
  /** Resolves when that was tried; what cannot be taken back is in the journal. Rejects where no such fault is at work. */
  heal(id: string): Promise<void>;
  /** All of them, in reverse order. */
  healAll(): Promise<void>;
  /** Ids of those at work, in the order in which they began. */
  active(): readonly string[];
}

/** What steers a run from outside while it is under way. */
export interface RunControls {
  readonly faults: LiveFaults;
  /** No further job is given out; those under way are followed to their end, and then the run ends as ever. */
  finish(): void;
}

/** The request itself is wrong, or comes at a wrong time. */
export class FaultRefused extends Error {
  override readonly name = 'FaultRefused';
}

export interface LiveFaultsOptions {
  readonly faults: ActiveFaults;
  readonly bench: Pick<FaultBench, 'inject'>;
  readonly clock: Clock;
  readonly append: (fact: JournalFact) => void;
  readonly seed: string;
  /** Of the fleet, in the order in which they are started. */
  readonly hosts: () => readonly string[];
  /** Why a service must not be broken; undefined where it may be. @default all of them may */
  readonly whyNotBreak?: (service: string) => Promise<string | undefined>;
}

/** `LiveFaults` of one run. They end with `ActiveFaults`, in reverse order together with all others. */
export class UserFaults implements LiveFaults {
  readonly #options: LiveFaultsOptions;
  readonly #mine = new Map<string, ActiveFault>();
  #count = 0;
  #open = false;

  constructor(options: LiveFaultsOptions) {
    this.#options = options;
  }

  /** How many were asked for so far, and not refused. */
  get count(): number {
    return this.#count;
  }

  /** The fleet is ready: from now on something can be broken. */
  open(): void {
    this.#open = true;
  }

  async inject(request: LiveFaultRequest): Promise<string> {
    const { faults, append, bench, seed, clock, hosts, whyNotBreak } = this.#options;
    const { definition, parameters } = this.#check(request);
    const wanted = request.target === '' ? (definition.targets[0] ?? '') : request.target;
    const breaksHost = definition.targets.includes('host');
    const why = breaksHost ? undefined : await whyNotBreak?.(wanted);
    if (why !== undefined) throw new FaultRefused(`${definition.type} cannot be injected: ${why}`);
    this.#count += 1;
    const id = [definition.type, wanted, 'user', String(this.#count)].filter((part) => part !== '').join('-');
    const rng = createRng(seed).fork('user').fork(String(this.#count));
    const target = breaksHost && definition.wholeRole !== true ? rng.fork('plan').pick(hostsOf(wanted, hosts())) : wanted;
    const momentary = definition.momentary === true;
    return faults.inTurn(async () => {
      if (faults.ending) throw new FaultRefused(tooLate);
      const active = faults.begin({ fault: id, occurrence: 1, momentary, inject: (signal) => bench.inject({ type: definition.type, name: `${id}-1`, target, parameters, rng }, signal) });
      const failure = await faults.inject(active);
      if (failure !== undefined) throw failure;
      this.#mine.set(id, active);
      const { lengthMs } = request;
      append({ type: 'fault.injected', fault: id, fault_type: definition.type, target, parameters, occurrence: 1, ...(lengthMs === undefined ? {} : { lasts_ms: lengthMs }), by: 'user' });
      if (momentary) void faults.heal(active, 'length');
      else if (lengthMs !== undefined) active.cancels.push(clock.setTimer(lengthMs, () => void faults.healInTurn(active)));
      return id;
    });
  }

  async heal(id: string): Promise<void> {
    const { faults } = this.#options;
    const active = this.#mine.get(id);
    if (active === undefined || !faults.isAtWork(active)) throw new FaultRefused(`no fault ${id} was injected by hand and is at work; ${this.active().length === 0 ? 'there is none' : `there are ${this.active().join(', ')}`}`);
    await faults.healInTurn(active, 'user');
    // At the end it is healed with all others.
    if (faults.ending) await faults.end('end');
  }

  async healAll(): Promise<void> {
    await Promise.all(this.active().toReversed().map((id) => this.heal(id)));
  }

  active(): readonly string[] {
    return [...this.#mine].flatMap(([id, active]) => (this.#options.faults.isAtWork(active) ? [id] : []));
  }

  /** Throws FaultRefused with all that is wrong with the request. */
  #check({ type, target, parameters, lengthMs }: LiveFaultRequest): { definition: FaultDefinition; parameters: Readonly<Record<string, unknown>> } {
    const { faults, hosts } = this.#options;
    if (faults.ending) throw new FaultRefused(tooLate);
    if (!this.#open) throw new FaultRefused('no fault can be injected yet: the fleet is being started; wait until it is ready');
    const definition = findFault(type);
    if (definition === undefined) throw new FaultRefused(`there is no fault "${type}"; ${suggest(type, injectableFaults.map((fault) => fault.type), 'the fault menu lists those that there are')}`);
    const problems: string[] = [];
    if (definition.precedesFleet === true) problems.push('it begins before the hosts are started; write it into a scenario');
    const targets = targetsOf(definition, hosts());
    if (!targets.includes(target) && !(target === '' && targets.length <= 1)) problems.push(`"${target}" is nothing that it can break; ${suggest(target, targets, `it can break ${targets.join(', ')}`)}`);
    if (lengthMs !== undefined && definition.momentary === true) problems.push('it happens at once and lasts no time; leave the length out');
    else if (lengthMs !== undefined && !(lengthMs > 0 && Number.isFinite(lengthMs))) problems.push(`it cannot last ${lengthMs} ms; give a length above 0`);
    const read = readFaultParameters(definition, parameters);
    problems.push(...Object.values(read.problems));
    if (problems.length > 0) throw new FaultRefused(`${type} cannot be injected: ${problems.join('. ')}`);
    return { definition, parameters: read.parameters };
  }
}

const tooLate = 'no fault can be injected any more: all are being taken back, since the run comes to its end or a guardrail has tripped';
