import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import { formatAddress, parseAddress, resolveAddress, type Address } from './address.ts';
import { Connection } from './connection.ts';
import type { Direction, ToxicStats } from './installed-toxic.ts';
import type { DirectionCounts } from './link.ts';
import { listen, SOCKET_BUFFER_BYTES, type Listener } from './listener.ts';
import { ToxicChain } from './toxic-chain.ts';

/** An upstream that neither answers nor refuses would keep the client waiting for minutes. */
const DIAL_TIMEOUT_MS = 30_000;

export interface ProxyStats {
  readonly name: string;
  readonly connectionsAccepted: number;
  readonly connectionsOpen: number;
  readonly upstream: Readonly<DirectionCounts>;
  readonly downstream: Readonly<DirectionCounts>;
  readonly toxics: readonly ToxicStats[];
}

export interface ProxyContext {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly strictCompatibility: boolean;
}

export interface ProxySettings {
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

/** A listening address, the upstream behind it, and what happens to the bytes in between. */
export class Proxy {
  readonly name: string;
  readonly toxics = new ToxicChain();
  readonly #context: ProxyContext;
  readonly #rng: Rng;
  readonly #connections = new Set<Connection>();
  readonly #dialing = new Set<Socket>();
  readonly #counts: Record<Direction, DirectionCounts> = {
    upstream: { receivedBytes: 0, sentBytes: 0 },
    downstream: { receivedBytes: 0, sentBytes: 0 },
  };
  #connectionsAccepted = 0;
  #listen: string;
  #upstream: string;
  #listener: Listener | undefined;

  constructor(name: string, listenAddress: string, upstream: string, context: ProxyContext) {
    this.name = name;
    this.#listen = listenAddress;
    this.#upstream = upstream;
    this.#context = context;
    this.#rng = context.rng.fork(`proxy/${name}`);
  }

  get settings(): ProxySettings {
    return { listen: this.#listen, upstream: this.#upstream, enabled: this.#listener !== undefined };
  }

  /** Does nothing when started already. A port 0 is replaced by the port that was given. */
  async start(): Promise<void> {
    if (this.#listener !== undefined) return;
    this.#listener = await listen(this.#listen, (client) => this.#accept(client));
    this.#listen = this.#listener.address;
  }

  /** Closes the port and every connection; keeps the address, so that a restart takes the same port. */
  async stop(): Promise<void> {
    const closing = this.#listener?.close();
    this.#listener = undefined;
    for (const socket of this.#dialing) socket.destroy();
    for (const connection of this.#connections) connection.destroy();
    await closing;
  }

  /** Restarts only where listen (after looking its name up) or upstream differ. */
  async update(settings: ProxySettings): Promise<void> {
    if (await this.differs(settings.listen, settings.upstream)) {
      await this.stop();
      this.#listen = settings.listen;
      this.#upstream = settings.upstream;
    }
    if (settings.enabled) await this.start();
    else await this.stop();
  }

  async differs(listenAddress: string, upstream: string): Promise<boolean> {
    return formatAddress(await resolveAddress(listenAddress)) !== this.#listen || upstream !== this.#upstream;
  }

  stats(): ProxyStats {
    return {
      name: this.name,
      connectionsAccepted: this.#connectionsAccepted,
      connectionsOpen: this.#connections.size,
      upstream: { ...this.#counts.upstream },
      downstream: { ...this.#counts.downstream },
      toxics: this.toxics.stats(),
    };
  }

  toJSON(): Record<string, unknown> {
    return { name: this.name, ...this.settings, toxics: this.toxics.list() };
  }

  #accept(client: Socket): void {
    const ordinal = this.#connectionsAccepted++;
    let address: Address;
    try {
      address = parseAddress(this.#upstream);
    } catch {
      // As with an upstream that refuses: the client sees a connection that closes.
      client.destroy();
      return;
    }
    const upstream = dial(address);
    const cancelTimer = this.#context.clock.setTimer(DIAL_TIMEOUT_MS, () => upstream.destroy());
    const giveUp = (): void => {
      cancelTimer();
      this.#dialing.delete(client);
      this.#dialing.delete(upstream);
      client.destroy();
      upstream.destroy();
    };
    this.#dialing.add(client).add(upstream);
    // Every error is followed by 'close', which is what the links act on.
    client.on('error', () => undefined);
    upstream.on('error', () => undefined);
    client.once('close', giveUp);
    upstream.once('close', giveUp);
    upstream.once('connect', () => {
      cancelTimer();
      this.#dialing.delete(client);
      this.#dialing.delete(upstream);
      client.off('close', giveUp);
      upstream.off('close', giveUp);
      this.#open(client, upstream, ordinal);
    });
  }

  #open(client: Socket, upstream: Socket, ordinal: number): void {
    const connection: Connection = new Connection({
      client,
      upstream,
      clock: this.#context.clock,
      rngFor: (label) => this.#rng.fork(`${ordinal}/${label}`),
      toxics: this.toxics,
      counts: this.#counts,
      strictCompatibility: this.#context.strictCompatibility,
      onClosed: () => {
        this.#connections.delete(connection);
        this.toxics.detach(connection);
      },
    });
    this.#connections.add(connection);
    this.toxics.attach(connection);
  }
}

function dial({ host, port }: Address): Socket {
  // highWaterMark reaches the stream's constructor, though @types/node does not list it here.
  const options: TcpNetConnectOpts & { highWaterMark: number } = {
    host: host === '' ? 'localhost' : host,
    port,
    allowHalfOpen: true,
    noDelay: true,
    highWaterMark: SOCKET_BUFFER_BYTES,
  };
  return connect(options);
}
