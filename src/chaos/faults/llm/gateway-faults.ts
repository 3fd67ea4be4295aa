import { abortReason } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import type { RunningInfra } from '../../../infra/provider.ts';

/** As `PUT /netra/faults` takes it. */
export interface FaultOrder extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly type: string;
}

interface FaultCount {
  readonly id: string;
  readonly calls_affected: number;
}

const TIMEOUT_MS = 5_000;

/** The faults that the lab has put into one gateway, in the order in which they came: the first that fits takes a call. */
export class GatewayFaults {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #orders = new Map<string, FaultOrder>();
  /** Counts of what is healed. */
  readonly #final = new Map<string, number>();
  /** The gateway takes whole lists, so the changes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
  }

  /** Throws with the gateway's own words where it does not take the fault; the others stay then. */
  install(order: FaultOrder, signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      const orders = new Map(this.#orders).set(order.id, order);
      await this.#ask(signal, { faults: [...orders.values()] });
      this.#orders.set(order.id, order);
    });
  }

  /** Takes back this one and no other. */
  remove(id: string, signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#orders.delete(id)) return;
      const { removed = [] } = await this.#ask(signal, { faults: [...this.#orders.values()] });
      for (const fault of removed) this.#final.set(fault.id, fault.calls_affected);
    });
  }

  async callsAffected(id: string, signal: AbortSignal): Promise<number> {
    await this.#last;
    const final = this.#final.get(id);
    if (final !== undefined) return final;
    const { faults } = await this.#ask(signal);
    return faults.find((fault) => fault.id === id)?.calls_affected ?? 0;
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(change);
    // The caller hears of a failure; whoever comes next must get its turn all the same.
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #ask(signal: AbortSignal, body?: { readonly faults: readonly FaultOrder[] }): Promise<{ readonly faults: readonly FaultCount[]; readonly removed?: readonly FaultCount[] }> {
    const timeout = new AbortController();
    const cancel = this.#clock.setTimer(TIMEOUT_MS, () => timeout.abort(new Error(`the LLM gateway at ${this.#url} did not answer within ${TIMEOUT_MS} ms`)), { keepAlive: false });
    try {
      const given = AbortSignal.any([signal, timeout.signal]);
      const response = await fetch(this.#url, {
        ...(body === undefined ? {} : { method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        signal: given,
      }).catch((error: unknown) => {
        throw given.aborted ? abortReason(given) : new Error(`the LLM gateway at ${this.#url} cannot be reached: ${reasonOf(error)}`, { cause: error });
      });
      const answer = (await response.json()) as { faults: readonly FaultCount[]; removed?: readonly FaultCount[]; error?: { message: string } };
      if (!response.ok) throw new Error(answer.error?.message ?? `the LLM gateway answered ${response.status}`);
      return answer;
    } finally {
      cancel();
    }
  }
}

/** fetch says only "fetch failed"; what failed is in its cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = asError(error);
  return cause instanceof Error ? cause.message : message;
}

const known = new WeakMap<RunningInfra, GatewayFaults>();

/** The same for every fault of one lab, so that none of them undoes another. */
export function gatewayFaultsOf(infra: RunningInfra, clock: Clock): GatewayFaults {
  const { host, port } = infra.services.llm.direct;
  let faults = known.get(infra);
  if (faults === undefined) known.set(infra, (faults = new GatewayFaults(`http://${host}:${port}/netra/faults`, clock)));
  return faults;
}
