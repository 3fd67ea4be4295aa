import { raceAbort } from '../../../core/abort.ts';
import type { Affected, FaultContext } from '../fault.ts';
import { trafficOf } from './traffic.ts';

/** Switches the proxy of one service off and on again, as often as is needed, together with whoever else does. */
export class ProxySwitch {
  readonly #context: FaultContext;
  readonly #service: string;
  readonly #eventsBefore: number;
  #cut: number | null = 0;
  #off = false;
  #strike: (() => void) | undefined;

  constructor(context: FaultContext, service: string) {
    this.#context = context;
    this.#service = service;
    this.#eventsBefore = context.events().length;
  }

  /** Open connections end and new ones are refused from here on. */
  async off(signal: AbortSignal): Promise<void> {
    const { infra, holds, undoLog } = this.#context;
    if (this.#off) return;
    const traffic = await trafficOf(infra.toxiproxyUrl, this.#service, signal);
    this.#cut = traffic === null || this.#cut === null ? null : this.#cut + traffic.connectionsOpen;
    signal.throwIfAborted();
    this.#strike ??= undoLog.add({ kind: 'enable-proxy', toxiproxy_url: infra.toxiproxyUrl, proxy: this.#service });
    try {
      await holds.take(this.#key, () => this.#set(false));
      this.#off = true;
    } catch (error) {
      this.#strike();
      throw error;
    }
  }

  /** Does nothing where it is on. */
  async on(signal?: AbortSignal): Promise<void> {
    if (!this.#off) return;
    this.#off = false;
    await raceAbort(this.#context.holds.release(this.#key, () => this.#set(true)), signal);
  }

  /** On, and nothing left to undo. */
  async heal(signal: AbortSignal): Promise<void> {
    await this.on(signal);
    this.#strike?.();
  }

  /** Connections that were cut; where there was none to cut, the hosts that told that they missed the service. */
  affected(): Affected {
    const missed = new Set(
      this.#context
        .events()
        .slice(this.#eventsBefore)
        .flatMap((event) => (event.type === 'dependency.changed' && event.dependency === this.#service && !event.up ? [event.host] : [])),
    );
    if (this.#cut === 0 || (this.#cut === null && missed.size > 0)) return { unit: 'hosts', count: missed.size };
    return { unit: 'connections', count: this.#cut };
  }

  get #key(): string {
    return `proxy/${this.#service}`;
  }

  async #set(enabled: boolean): Promise<void> {
    const proxy = await this.#context.toxiproxy.get(this.#service);
    await proxy.update({ enabled, listen: proxy.listen, upstream: proxy.upstream });
  }
}
