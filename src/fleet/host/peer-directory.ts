import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import type { FleetConfig, Logger } from '../agents/services.ts';
import type { CallOptions } from '../connectors/call.ts';
import type { FleetDatabase } from '../connectors/database/fleet-database.ts';

const refreshEveryMs = 2_000;
/** A host that has not been seen for this long is not called any more. */
const forgottenAfterMs = 20_000;

interface Peer {
  readonly host: string;
  readonly role: FleetConfig['role'];
  readonly url: string;
  readonly seen_at: number;
}

/**
 * Where the other hosts are, for direct calls (level 2). Hosts write themselves into `fleet_hosts`
 * and read the others now and then; what was read last serves on while the database is away.
 */
export class PeerDirectory {
  readonly #database: FleetDatabase;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #self: Omit<Peer, 'seen_at'>;
  readonly #stopping = new AbortController();
  #peers: readonly Peer[] = [];
  readonly #startedAt: number;
  #namesake: string | undefined;
  #turn = 0;
  #cancelTimer: () => void = () => undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(database: FleetDatabase, clock: Clock, logger: Logger, self: Omit<Peer, 'seen_at'>) {
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
    this.#self = self;
    this.#startedAt = clock.now();
  }

  /** URLs of the hosts of a role; they take turns at being the first. Looked up anew where none is known. */
  async urls(role: FleetConfig['role']): Promise<readonly string[]> {
    if (!this.#peers.some((peer) => peer.role === role)) await this.#refresh();
    const urls = this.#peers.filter((peer) => peer.role === role).map((peer) => peer.url);
    this.#turn += 1;
    return urls.map((_, index) => urls[(index + this.#turn) % urls.length] as string);
  }

  start(): void {
    this.#refreshing = this.#refresh().finally(() => {
      if (this.#stopping.signal.aborted) return;
      this.#cancelTimer = this.#clock.setTimer(refreshEveryMs, () => this.start(), { keepAlive: false });
    });
  }

  async close(): Promise<void> {
    this.#cancelTimer();
    this.#stopping.abort(new Error('host is shutting down'));
    await this.#refreshing;
  }

  /** Another host at work under this one's name: replies to the one would reach the other. One of before was seen last before this one began. */
  #tellNamesake(peer: Peer | undefined): void {
    if (peer === undefined || peer.url === this.#self.url || peer.seen_at <= this.#startedAt || peer.url === this.#namesake) return;
    this.#namesake = peer.url;
    this.#logger.error('another host has the same name; start one of them with another --name', { other_url: peer.url });
  }

  async #refresh(): Promise<void> {
    if (this.#database.mode !== 'postgres') return;
    const options: CallOptions = { signal: this.#stopping.signal };
    try {
      const { host, role, url } = this.#self;
      const peers = await this.#database.query<Peer>('SELECT host, role, url, seen_at FROM fleet_hosts ORDER BY host', [], options);
      const self: Peer = { ...this.#self, seen_at: this.#clock.now() };
      this.#tellNamesake(peers.find((peer) => peer.host === host));
      await this.#database.recordWrite({ table: 'fleet_hosts', key: { host }, row: { role, url, seen_at: self.seen_at }, conflict: 'replace' }, options);
      // On the fallback database, which may have stood in since, a host sees only itself: the list of before is better.
      if (this.#database.mode !== 'postgres') return;
      this.#peers = [...peers.filter((peer) => peer.host !== host && self.seen_at - peer.seen_at < forgottenAfterMs), self].toSorted((left, right) => (left.host < right.host ? -1 : 1));
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#logger.warn('the list of hosts could not be refreshed; the last one serves on', { error: asError(error) });
    }
  }
}
