import type { Connection } from './connection.ts';
import { toxicAlreadyExists, toxicNotFound } from './error-codes.ts';
import type { Direction, InstalledToxic, ToxicStats } from './installed-toxic.ts';

/** Figures of removed toxics are kept up to this many, the oldest going first. */
const REMOVED_KEPT = 256;

/** The toxics of a proxy in the order of insertion, per direction, and the live connections they act on. */
export class ToxicChain {
  readonly #chains: Readonly<Record<Direction, InstalledToxic[]>> = { upstream: [], downstream: [] };
  readonly #removed: InstalledToxic[] = [];
  readonly #connections = new Set<Connection>();

  get upstream(): readonly InstalledToxic[] {
    return this.#chains.upstream;
  }

  get downstream(): readonly InstalledToxic[] {
    return this.#chains.downstream;
  }

  attach(connection: Connection): void {
    this.#connections.add(connection);
  }

  detach(connection: Connection): void {
    this.#connections.delete(connection);
  }

  list(): readonly InstalledToxic[] {
    return [...this.#chains.upstream, ...this.#chains.downstream];
  }

  stats(): readonly ToxicStats[] {
    return [...this.list(), ...this.#removed].map((toxic) => toxic.stats());
  }

  has(name: string): boolean {
    return this.list().some((toxic) => toxic.name === name);
  }

  /** Throws the API's 404 when there is none of that name in either direction. */
  get(name: string): InstalledToxic {
    const found = this.list().find((toxic) => toxic.name === name);
    if (found === undefined) throw toxicNotFound();
    return found;
  }

  add(toxic: InstalledToxic): void {
    if (this.has(toxic.name)) throw toxicAlreadyExists();
    this.#chains[toxic.direction].push(toxic);
    for (const connection of this.#connections) connection.link(toxic.direction).addToxic(toxic);
  }

  /** Makes changed toxicity and attributes felt on live connections. */
  update(toxic: InstalledToxic, settings: { toxicity: number; attributes: Readonly<Record<string, number>> }): void {
    toxic.toxicity = settings.toxicity;
    toxic.attributes = settings.attributes;
    for (const connection of this.#connections) connection.link(toxic.direction).updateToxic(toxic);
  }

  remove(name: string): void {
    const toxic = this.get(name);
    const chain = this.#chains[toxic.direction];
    chain.splice(chain.indexOf(toxic), 1);
    toxic.installed = false;
    this.#removed.push(toxic);
    if (this.#removed.length > REMOVED_KEPT) this.#removed.shift();
    for (const connection of this.#connections) connection.link(toxic.direction).removeToxic(toxic);
  }

  removeAll(): void {
    for (const toxic of this.list()) this.remove(toxic.name);
  }
}
