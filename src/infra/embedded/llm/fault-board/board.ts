import { createHash } from 'node:crypto';
import type { Clock } from '../../../../core/clock.ts';
import { createRng, type Rng } from '../../../../core/rng.ts';
import type { FaultAction, FaultCall } from '../faults/define-fault.ts';
import type { LlmCall, LlmHandler, LlmMiddleware, LlmReply } from '../llm-call.ts';
import { matches, type Match } from './match.ts';
import { triggers, type Trigger } from './trigger.ts';

/** A fault to be installed, valid and with its defaults filled in. */
export interface FaultOrder {
  readonly id: string;
  readonly type: string;
  /** As it was sent: for telling whether it is the same as before, and for showing. */
  readonly sent: Readonly<Record<string, unknown>>;
  readonly trigger: Trigger;
  readonly match: Match;
  /** Of its draws; the gateway's own where the order names none. */
  readonly seed?: string | undefined;
  install(): FaultAction;
}

/** As `GET /netra/faults` shows it: what was sent, and the counts. */
export interface FaultState {
  readonly id: string;
  readonly type: string;
  /** Calls that matched and that no fault before this one had taken. */
  readonly calls_seen: number;
  /** Calls that it has answered or spoiled. */
  readonly calls_affected: number;
}

/** The faults in force, in order. A call is given to the first that matches and is due; that one alone may touch it. */
export class FaultBoard {
  readonly #clock: Clock;
  readonly #seed: string;
  #faults: readonly InstalledFault[] = [];

  constructor(clock: Clock, seed: string) {
    this.#clock = clock;
    this.#seed = seed;
  }

  /** Puts these in the place of all. One that is the same as before goes on with its counts; returns those that are gone. */
  replace(orders: readonly FaultOrder[]): FaultState[] {
    const before = this.#faults;
    this.#faults = orders.map((order) => before.find((fault) => fault.isOf(order)) ?? new InstalledFault(order, this.#clock, order.seed ?? this.#seed));
    const gone = before.filter((fault) => !this.#faults.includes(fault));
    for (const fault of gone) fault.heal();
    return gone.map((fault) => fault.state());
  }

  list(): FaultState[] {
    return this.#faults.map((fault) => fault.state());
  }

  readonly middleware: LlmMiddleware = (call, model) => {
    // A fault that is installed while a call is on its way does not get to see that call.
    const faults = this.#faults;
    const from = async (index: number): Promise<LlmReply> => {
      const fault = faults[index];
      return fault === undefined ? model(call) : fault.handle(call, model, () => from(index + 1));
    };
    return from(0);
  };
}

class InstalledFault {
  readonly #order: FaultOrder;
  readonly #text: string;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #act: FaultAction;
  readonly #startMs: number;
  readonly #healed = new AbortController();
  /** How often each question has been seen. */
  readonly #repetitions = new Map<string, number>();
  #seen = 0;
  #affected = 0;

  constructor(order: FaultOrder, clock: Clock, seed: string) {
    this.#order = order;
    this.#text = JSON.stringify(order.sent);
    this.#clock = clock;
    this.#rng = createRng(seed).fork(order.id);
    this.#act = order.install();
    this.#startMs = clock.monotonicMs();
  }

  isOf(order: FaultOrder): boolean {
    return this.#text === JSON.stringify(order.sent);
  }

  state(): FaultState {
    const { id, type, sent } = this.#order;
    return { ...sent, id, type, calls_seen: this.#seen, calls_affected: this.#affected };
  }

  heal(): void {
    this.#healed.abort(new Error('the fault has been taken back'));
  }

  async handle(call: LlmCall, model: LlmHandler, rest: LlmHandler): Promise<LlmReply> {
    const { match, trigger } = this.#order;
    if (!matches(match, call)) return rest(call);
    const number = ++this.#seen;
    const rng = this.#rngOf(call);
    const moment = { number, elapsedMs: this.#clock.monotonicMs() - this.#startMs, draw: () => rng.fork('trigger').next() };
    if (!triggers(trigger, moment)) return rest(call);
    const faultCall: FaultCall = { ...call, clock: this.#clock, rng: rng.fork('fault'), healed: this.#healed.signal, touch: () => this.#touch(call) };
    return this.#act(faultCall, () => model(call), () => rest(call));
  }

  #touch({ notes }: LlmCall): void {
    if (notes.fault !== null) return;
    notes.fault = this.#order.id;
    this.#affected++;
  }

  /** By what is asked and how often it was asked before, so that calls side by side draw the same in any order. */
  #rngOf({ request }: LlmCall): Rng {
    const question = createHash('sha256').update(JSON.stringify([request.model, request.messages])).digest('base64');
    const repetition = (this.#repetitions.get(question) ?? 0) + 1;
    this.#repetitions.set(question, repetition);
    return this.#rng.fork(`${question}/${repetition}`);
  }
}
