import { z } from 'zod';
import { InfraUnavailable } from '../../error-codes.ts';
import type { Endpoint } from '../../provider.ts';
import { addressText } from './targets.ts';

const made = z.object({ name: z.string(), listen: z.string() });
const listed = z.record(z.string(), z.object({ listen: z.string() }));
const refusal = z.object({ error: z.string() });

export interface ProxyPlace {
  readonly url: string;
  readonly bindHost: string;
  /** Empty = any that is free. */
  readonly ports: readonly number[];
  readonly clientHost: string;
}

export interface WantedProxy {
  readonly name: string;
  readonly upstream: string;
}

/** The proxies of one run in a Toxiproxy that has others too. What is not its own it neither changes nor removes. */
export class OwnProxies {
  readonly #place: ProxyPlace;
  readonly #names: string[] = [];

  constructor(place: ProxyPlace) {
    this.#place = place;
  }

  /** Where clients reach each of them, in their order. Throws InfraUnavailable where one of the names is taken, before any is made. */
  async make(wanted: readonly WantedProxy[], signal: AbortSignal): Promise<Endpoint[]> {
    const { url, ports } = this.#place;
    const existing = listed.parse(await this.#call('GET', '/proxies', undefined, signal).then(({ body }) => body));
    const taken = wanted.filter(({ name }) => name in existing).map(({ name }) => name);
    if (taken.length > 0) throw new InfraUnavailable(`Toxiproxy at ${url} has a proxy named ${taken.join(', ')} already; remove it there if nobody needs it.`);
    const used = new Set(Object.values(existing).map(({ listen }) => Number(listen.slice(listen.lastIndexOf(':') + 1))));
    const free = ports.filter((port) => !used.has(port));
    const endpoints: Endpoint[] = [];
    for (const proxy of wanted) endpoints.push(await this.#makeOne(proxy, free, wanted.length, signal));
    return endpoints;
  }

  /** Names of those that could not be removed, with the reason. One that is gone already is none of them. */
  async remove(signal: AbortSignal): Promise<string[]> {
    const left = await Promise.all(this.#names.splice(0).map((name) => removeProxy(this.#place.url, name, signal)));
    return left.flatMap((reason) => reason ?? []);
  }

  async #makeOne({ name, upstream }: WantedProxy, free: number[], needed: number, signal: AbortSignal): Promise<Endpoint> {
    const { url, ports, bindHost, clientHost } = this.#place;
    for (;;) {
      const port = ports.length === 0 ? 0 : free.shift();
      if (port === undefined) throw new InfraUnavailable(`Toxiproxy at ${url} has no port left for ${name}; NETRA_TOXIPROXY_LISTEN has to name ${needed} that nothing listens on.`);
      // Before it is there: a reply that is lost must not leave it behind.
      this.#names.push(name);
      const { status, body } = await this.#call('POST', '/proxies', { name, listen: addressText({ host: bindHost, port }), upstream, enabled: true }, signal);
      if (status === 201) {
        const { listen } = made.parse(body);
        return { host: clientHost, port: Number(listen.slice(listen.lastIndexOf(':') + 1)) };
      }
      this.#names.pop();
      const reason = refusal.safeParse(body).data?.error ?? `status ${status}`;
      if (ports.length > 0 && /in use/.test(reason)) continue;
      throw new InfraUnavailable(`Toxiproxy at ${url} does not make a proxy that listens on ${bindHost}: ${reason}; NETRA_TOXIPROXY_LISTEN says what it may listen on.`);
    }
  }

  async #call(method: string, path: string, body: object | undefined, signal: AbortSignal): Promise<{ status: number; body: unknown }> {
    const { url } = this.#place;
    const answer = await fetch(`${url}${path}`, { method, signal, headers: { 'content-type': 'application/json', connection: 'close' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    try {
      return { status: answer.status, body: JSON.parse(text) as unknown };
    } catch {
      return { status: answer.status, body: undefined }; // A proxy's error page, say; the status is told.
    }
  }
}

/** undefined once it is gone; otherwise what is left and why. */
export async function removeProxy(url: string, name: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/proxies/${encodeURIComponent(name)}`, { method: 'DELETE', signal, headers: { connection: 'close' } });
    await answer.text();
    return answer.ok || answer.status === 404 ? undefined : `proxy ${name} in ${url} (status ${answer.status})`;
  } catch (error) {
    return `proxy ${name} in ${url} (${error instanceof Error ? error.message : String(error)})`;
  }
}
