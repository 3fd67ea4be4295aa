import { randomUUID } from 'node:crypto';
import { Upstream, Wire } from './toxiproxy-sockets.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
  readonly json: any;
}

/** Asks the API as it is on the wire, past any client library. */
export async function ask(url: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<HttpAnswer> {
  const response = await fetch(url + path, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

/** A proxy in front of an upstream, for one test. */
export class Bench implements AsyncDisposable {
  readonly url: string;
  readonly name: string;
  readonly listen: string;
  readonly upstream: Upstream;
  readonly #wires: Wire[] = [];

  private constructor(url: string, name: string, listen: string, upstream: Upstream) {
    this.url = url;
    this.name = name;
    this.listen = listen;
    this.upstream = upstream;
  }

  static async set(url: string, options: { echo?: boolean; name?: string } = {}): Promise<Bench> {
    const upstream = await Upstream.start({ echo: options.echo ?? false });
    const name = options.name ?? `bench-${randomUUID()}`;
    const created = await ask(url, 'POST', '/proxies', { name, listen: '127.0.0.1:0', upstream: upstream.address });
    if (created.status !== 201) throw new Error(`cannot create the proxy: ${created.text}`);
    return new Bench(url, name, created.json.listen as string, upstream);
  }

  get path(): string {
    return `/proxies/${this.name}`;
  }

  /** Client and server ends of a new connection through the proxy. */
  async connect(): Promise<{ client: Wire; server: Wire }> {
    const index = this.#wires.length;
    const client = await Wire.open(this.listen);
    this.#wires.push(client);
    return { client, server: await this.upstream.wire(index) };
  }

  async add(type: string, attributes: Record<string, number>, more: { stream?: string; toxicity?: number; name?: string } = {}): Promise<string> {
    const answer = await ask(this.url, 'POST', `${this.path}/toxics`, { type, attributes, ...more });
    if (answer.status !== 200) throw new Error(`cannot add ${type}: ${answer.text}`);
    return answer.json.name as string;
  }

  async update(name: string, body: { attributes?: Record<string, number>; toxicity?: number }): Promise<void> {
    const answer = await ask(this.url, 'PATCH', `${this.path}/toxics/${name}`, body);
    if (answer.status !== 200) throw new Error(`cannot update ${name}: ${answer.text}`);
  }

  async remove(name: string): Promise<void> {
    const answer = await ask(this.url, 'DELETE', `${this.path}/toxics/${name}`);
    if (answer.status !== 204) throw new Error(`cannot remove ${name}: ${answer.text}`);
  }

  async enable(enabled: boolean): Promise<void> {
    const answer = await ask(this.url, 'PATCH', this.path, { enabled });
    if (answer.status !== 200) throw new Error(`cannot set enabled: ${answer.text}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const wire of this.#wires) wire.socket.destroy();
    await ask(this.url, 'DELETE', this.path);
    await this.upstream[Symbol.asyncDispose]();
  }
}
