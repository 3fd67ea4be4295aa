import type { EngineAddress } from './address.ts';
import { callEngine, EngineRefusal, readText, type EngineCall } from './http.ts';

type Labels = Readonly<Record<string, string>>;

export interface ContainerEntry {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  readonly Labels: Labels;
}

export interface NetworkEntry {
  readonly Id: string;
  readonly Name: string;
  readonly Labels: Labels | null;
}

/** What is asked of a container engine (Docker Engine API 1.41 and later); answers keep its names. */
export class Engine {
  readonly address: EngineAddress;

  constructor(address: EngineAddress) {
    this.address = address;
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.#text({ method: 'GET', path: '/_ping', signal });
  }

  info(signal: AbortSignal): Promise<{ readonly SystemTime: string; readonly OperatingSystem: string; readonly ServerVersion: string }> {
    return this.#json({ method: 'GET', path: '/info', signal });
  }

  async hasImage(image: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#unlessAbsent({ method: 'GET', path: `/images/${image}/json`, signal })) !== undefined;
  }

  containers(label: string, signal: AbortSignal): Promise<readonly ContainerEntry[]> {
    return this.#json({ method: 'GET', path: `/containers/json?all=1&filters=${labelFilter(label)}`, signal });
  }

  networks(label: string, signal: AbortSignal): Promise<readonly NetworkEntry[]> {
    return this.#json({ method: 'GET', path: `/networks?filters=${labelFilter(label)}`, signal });
  }

  async createNetwork(name: string, labels: Labels, signal: AbortSignal): Promise<{ readonly id: string; readonly gateway: string | undefined }> {
    const { Id } = await this.#json<{ Id: string }>({ method: 'POST', path: '/networks/create', body: { Name: name, CheckDuplicate: true, Driver: 'bridge', Labels: labels }, signal });
    const { IPAM } = await this.#json<{ IPAM: { Config: readonly { Gateway?: string }[] | null } }>({ method: 'GET', path: `/networks/${Id}`, signal });
    // "172.18.0.1", with some engines "172.18.0.1/16".
    return { id: Id, gateway: IPAM.Config?.find(({ Gateway }) => Gateway !== undefined)?.Gateway?.split('/')[0] };
  }

  /** Ends it at once and takes its anonymous volumes along; one that is gone, or going, is as good. */
  async removeContainer(id: string, signal?: AbortSignal): Promise<void> {
    await this.#unlessAbsent({ method: 'DELETE', path: `/containers/${id}?force=1&v=1`, signal }, [404, 409]);
  }

  async removeNetwork(id: string, signal?: AbortSignal): Promise<void> {
    await this.#unlessAbsent({ method: 'DELETE', path: `/networks/${id}`, signal });
  }

  /** The last lines that a container wrote to either stream. */
  async logTail(id: string, lines: number, signal?: AbortSignal): Promise<string> {
    const response = await callEngine(this.address, { method: 'GET', path: `/containers/${id}/logs?stdout=1&stderr=1&tail=${lines}`, signal });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return withoutFrames(Buffer.concat(chunks)).trim();
  }

  /**
   * Resolves once the engine watches the container for its next exit; to be called before the container is started,
   * since one that has ended already is not told. `exit` rejects when the engine goes, and with the signal's reason.
   */
  async watchExit(id: string, signal: AbortSignal): Promise<{ readonly exit: Promise<number> }> {
    const response = await callEngine(this.address, { method: 'POST', path: `/containers/${id}/wait?condition=next-exit`, signal });
    const exit = readText(response).then((text) => (JSON.parse(text) as { StatusCode: number }).StatusCode);
    exit.catch(() => undefined); // Whoever asks for it is told.
    return { exit };
  }

  async #text(call: EngineCall): Promise<string> {
    return readText(await callEngine(this.address, call));
  }

  async #json<T>(call: EngineCall): Promise<T> {
    return JSON.parse(await this.#text(call)) as T;
  }

  async #unlessAbsent(call: EngineCall, statuses: readonly number[] = [404]): Promise<string | undefined> {
    try {
      return await this.#text(call);
    } catch (error) {
      if (error instanceof EngineRefusal && statuses.includes(error.status)) return undefined;
      throw error;
    }
  }
}

function labelFilter(label: string): string {
  return encodeURIComponent(JSON.stringify({ label: [label] }));
}

/** Log frames, without a terminal: stream u8 · three zeroes · size u32 · text. */
function withoutFrames(bytes: Buffer): string {
  const texts: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    texts.push(bytes.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(texts).toString('utf8');
}
