import type { Socket } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import type { Direction, InstalledToxic } from './installed-toxic.ts';
import { Link, type DirectionCounts } from './link.ts';
import { resetPeer } from './toxics/reset-peer.ts';
import type { End } from './toxics/define-toxic.ts';

export interface ConnectionOptions {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly clock: Clock;
  /** The stream of random numbers that belongs to `label` on this connection. */
  readonly rngFor: (label: string) => Rng;
  readonly toxics: Readonly<Record<Direction, readonly InstalledToxic[]>>;
  readonly counts: Readonly<Record<Direction, DirectionCounts>>;
  readonly strictCompatibility: boolean;
  readonly onClosed: () => void;
}

/** A client's socket, the upstream's socket, and the two links between them. */
export class Connection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #links: Readonly<Record<Direction, Link>>;
  readonly #strict: boolean;
  readonly #startedUnderResetPeer: boolean;
  #resetting = false;

  constructor(options: ConnectionOptions) {
    const { client, upstream, clock, rngFor, toxics, counts } = options;
    this.#client = client;
    this.#upstream = upstream;
    this.#strict = options.strictCompatibility;
    this.#startedUnderResetPeer = [...toxics.upstream, ...toxics.downstream].some((installed) => installed.toxic === resetPeer);
    const link = (direction: Direction, source: Socket, destination: Socket): Link =>
      new Link(
        {
          source,
          destination,
          clock,
          rngFor: (toxicName) => rngFor(`${direction}/${toxicName}`),
          counts: counts[direction],
          cutSparedWhenRemoved: this.#strict,
          onEnd: (end) => this.#end(destination, end),
        },
        toxics[direction],
      );
    this.#links = { upstream: link('upstream', client, upstream), downstream: link('downstream', upstream, client) };
    let open = 2;
    const onClose = (reader: Link): void => {
      open -= 1;
      reader.sourceClosed();
      if (open > 0) return;
      this.#links.upstream.destroy();
      this.#links.downstream.destroy();
      options.onClosed();
    };
    client.on('close', () => onClose(this.#links.upstream));
    upstream.on('close', () => onClose(this.#links.downstream));
    client.resume();
  }

  link(direction: Direction): Link {
    return this.#links[direction];
  }

  /** Closes both sides at once, as disabling or deleting the proxy does; pending data is dropped. */
  destroy(): void {
    for (const socket of [this.#client, this.#upstream]) {
      if (this.#resets()) socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  #end(destination: Socket, end: End): void {
    if (end === 'reset') this.#resetting = true;
    if (this.#resets()) destination.resetAndDestroy();
    // Toxiproxy knows no half-closed connection: the first FIN closes the other side both ways.
    else if (end === 'eof' && !this.#strict) destination.end();
    else destination.destroySoon();
  }

  /**
   * Toxiproxy makes every close of a connection an RST when reset_peer was there as it was opened,
   * whatever the toxicity said, and none when it was added later.
   */
  #resets(): boolean {
    return this.#strict ? this.#startedUnderResetPeer : this.#resetting;
  }
}
