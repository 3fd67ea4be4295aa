import { proxyAlreadyExists, proxyNotFound } from './error-codes.ts';
import { Proxy, type ProxyContext, type ProxySettings } from './proxy.ts';

export interface ProxyDefinition extends ProxySettings {
  readonly name: string;
}

/** The proxies by name. Changes run one after another, as under Toxiproxy's lock. */
export class ProxyCollection {
  readonly #context: ProxyContext;
  readonly #proxies = new Map<string, Proxy>();
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(context: ProxyContext) {
    this.#context = context;
  }

  /** In the order of their names. */
  list(): Proxy[] {
    return [...this.#proxies.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  get(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (proxy === undefined) throw proxyNotFound();
    return proxy;
  }

  create(definition: ProxyDefinition): Promise<Proxy> {
    return this.#change(async () => {
      if (this.#proxies.has(definition.name)) throw proxyAlreadyExists();
      return this.#add(definition);
    });
  }

  /**
   * Creates or replaces each in turn; one whose listen and upstream are what they were is left as it
   * is, toxics and `enabled` included. Stops at the first that fails: `onDone` was called for those before.
   */
  populate(definitions: readonly ProxyDefinition[], onDone: (proxy: Proxy) => void): Promise<void> {
    return this.#change(async () => {
      for (const definition of definitions) onDone(await this.#addOrReplace(definition));
    });
  }

  update(name: string, settings: ProxySettings): Promise<void> {
    return this.#change(() => this.get(name).update(settings));
  }

  remove(name: string): Promise<void> {
    return this.#change(async () => {
      await this.get(name).stop();
      this.#proxies.delete(name);
    });
  }

  /** Starts every proxy and removes every toxic. */
  reset(): Promise<void> {
    return this.#change(async () => {
      for (const proxy of this.list()) {
        await proxy.start();
        proxy.toxics.removeAll();
      }
    });
  }

  clear(): Promise<void> {
    return this.#change(async () => {
      for (const proxy of this.#proxies.values()) await proxy.stop();
      this.#proxies.clear();
    });
  }

  async #addOrReplace(definition: ProxyDefinition): Promise<Proxy> {
    const existing = this.#proxies.get(definition.name);
    if (existing !== undefined) {
      if (!(await existing.differs(definition.listen, definition.upstream))) return existing;
      await existing.stop();
    }
    return this.#add(definition);
  }

  async #add({ name, listen, upstream, enabled }: ProxyDefinition): Promise<Proxy> {
    const proxy = new Proxy(name, listen, upstream, this.#context);
    if (enabled) await proxy.start();
    this.#proxies.set(name, proxy);
    return proxy;
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(change);
    // The caller hears of a failure; the next change must run all the same.
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}
