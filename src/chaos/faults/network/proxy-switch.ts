import { Toxiproxy } from 'toxiproxy-node-client';
import { raceAbort } from '../../../core/abort.ts';
import { proxiesOf, type ServiceName, type ServiceProxies } from '../../../infra/provider.ts';
import type { Affected, FaultContext } from '../fault.ts';
import { openConnectionsOf } from './traffic.ts';

/** Switches the proxies of one service off and on again, as often as is needed, together with whoever else does. */
export class ProxySwitch {
  readonly #context: FaultContext;
  readonly #service: string;
  readonly #proxies: ServiceProxies;
  readonly #eventsBefore: number;
  #cut: number | null = 0;
  #off = false;
  #strikes: readonly (() => void)[] | undefined;

  constructor(context: FaultContext, service: string) {
    this.#context = context;
    this.#service = service;
    this.#proxies = proxiesOf(context.infra, service as ServiceName);
    this.#eventsBefore = context.events().length;
  }

  /** Open connections end and new ones are refused from here on. */
  async off(signal: AbortSignal): Promise<void> {
    const { holds, undoLog } = this.#context;
    const { toxiproxyUrl, names } = this.#proxies;
    if (this.#off) return;
    const open = await openConnectionsOf(this.#proxies, signal);
    this.#cut = open === null || this.#cut === null ? null : this.#cut + open;
    signal.throwIfAborted();
    this.#strikes ??= names.map((proxy) => undoLog.add({ kind: 'enable-proxy', toxiproxy_url: toxiproxyUrl, proxy }));
    try {
      await holds.take(this.#key, () => this.#set(false));
      this.#off = true;
    } catch (error) {
      this.#strikeAll();
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
    this.#strikeAll();
  }

  /** Connections that were cut; where there was none to cut, the hosts that told that they missed the service. */
  affected(): Affected {
    const missed = this.missed();
    return this.#cut === 0 || (this.#cut === null && missed.count !== 0) ? missed : { unit: 'connections', count: this.#cut };
  }

  /** Hosts that told that they missed the service. */
  missed(): Affected {
    const since = this.#context.events().slice(this.#eventsBefore);
    const hosts = since.flatMap((event) => (event.type === 'dependency.changed' && event.dependency === this.#service && !event.up ? [event.host] : []));
    return { unit: 'hosts', count: new Set(hosts).size };
  }

  get #key(): string {
    return `proxy/${this.#service}`;
  }

  async #set(enabled: boolean): Promise<void> {
    const toxiproxy = new Toxiproxy(this.#proxies.toxiproxyUrl);
    await Promise.all(
      this.#proxies.names.map(async (name) => {
        const proxy = await toxiproxy.get(name);
        await proxy.update({ enabled, listen: proxy.listen, upstream: proxy.upstream });
      }),
    );
  }

  #strikeAll(): void {
    for (const strike of this.#strikes ?? []) strike();
  }
}
