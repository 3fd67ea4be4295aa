import type { Socket } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import type { InstalledToxic } from './installed-toxic.ts';
import { Stage, type Receiver, type Sender } from './stage.ts';
import type { Chunk, End } from './toxics/define-toxic.ts';

/** Bytes of one direction of a proxy, over all its connections. */
export interface DirectionCounts {
  receivedBytes: number;
  sentBytes: number;
}

export interface LinkOptions {
  readonly source: Socket;
  readonly destination: Socket;
  readonly clock: Clock;
  /** The stream of random numbers for a toxic on this link. */
  readonly rngFor: (toxicName: string) => Rng;
  readonly counts: DirectionCounts;
  readonly cutSparedWhenRemoved: boolean;
  /** Applies an end that came through every stage to the destination. */
  readonly onEnd: (end: End) => void;
}

/**
 * One direction of a connection: source → stages → destination. Without stages chunks go from
 * socket to socket with nothing in between.
 */
export class Link implements Receiver, Sender {
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #options: LinkOptions;
  readonly #counts: DirectionCounts;
  /** In order of flow; a retired stage stays until it has passed on what it held. */
  readonly #stages: Stage[] = [];
  #first: Stage | undefined;
  #sourceEnded = false;
  #destinationEnded = false;
  #sourceClosed = false;

  constructor(options: LinkOptions, toxics: readonly InstalledToxic[]) {
    this.#options = options;
    this.#source = options.source;
    this.#destination = options.destination;
    this.#counts = options.counts;
    for (const toxic of toxics) this.#append(toxic).start();
    this.#source.on('data', (data: Buffer) => this.#onData(data));
    this.#source.on('end', () => this.#onSourceEnd('eof'));
    this.#destination.on('drain', () => this.#onDrain());
  }

  addToxic(toxic: InstalledToxic): void {
    if (this.#destinationEnded) return;
    const neighbour = this.#stages.at(-1);
    neighbour?.interrupt();
    this.#append(toxic).start();
    neighbour?.start();
    neighbour?.roomAvailable();
  }

  updateToxic(toxic: InstalledToxic): void {
    this.#stages.find((stage) => stage.installed === toxic)?.start();
  }

  removeToxic(toxic: InstalledToxic): void {
    const index = this.#stages.findIndex((stage) => stage.installed === toxic);
    const stage = this.#stages[index];
    if (stage === undefined) return;
    const neighbour = this.#stages[index - 1];
    stage.retire(() => this.#unlink(stage));
    neighbour?.start();
  }

  /** The source's socket is closed: it will neither send nor take anything any more. */
  sourceClosed(): void {
    this.#sourceClosed = true;
    if (!this.#sourceEnded) this.#onSourceEnd('close');
    else if (this.#destinationEnded) this.#options.onEnd('close');
  }

  destroy(): void {
    this.#destinationEnded = true;
    for (const stage of this.#stages) stage.destroy();
  }

  get full(): boolean {
    return this.#destination.writableNeedDrain;
  }

  receive(chunk: Chunk): void {
    if (this.#destinationEnded) return;
    this.#counts.sentBytes += chunk.data.length;
    this.#destination.write(chunk.data);
  }

  finish(end: End): void {
    if (this.#destinationEnded) return;
    this.#destinationEnded = true;
    this.#options.onEnd(end === 'eof' && this.#sourceClosed ? 'close' : end);
  }

  roomAvailable(): void {
    this.#source.resume();
  }

  #onData(data: Buffer): void {
    this.#counts.receivedBytes += data.length;
    const first = this.#first;
    if (first !== undefined) {
      first.receive({ data, atMs: this.#options.clock.monotonicMs() });
      if (first.full) this.#source.pause();
    } else if (!this.#destinationEnded) {
      this.#counts.sentBytes += data.length;
      if (!this.#destination.write(data)) this.#source.pause();
    }
  }

  #onSourceEnd(end: End): void {
    if (this.#sourceEnded) return;
    this.#sourceEnded = true;
    (this.#first ?? this).finish(end);
  }

  #onDrain(): void {
    (this.#stages.at(-1) ?? this).roomAvailable();
  }

  #append(installed: InstalledToxic): Stage {
    const previous = this.#stages.at(-1);
    const { clock, rngFor, cutSparedWhenRemoved } = this.#options;
    const stage = new Stage({ installed, clock, rng: rngFor(installed.name), sender: previous ?? this, next: this, cutSparedWhenRemoved });
    if (previous === undefined) this.#first = stage;
    else previous.next = stage;
    this.#stages.push(stage);
    return stage;
  }

  #unlink(stage: Stage): void {
    const index = this.#stages.indexOf(stage);
    if (index < 0) return;
    this.#stages.splice(index, 1);
    const previous = this.#stages[index - 1];
    const following = this.#stages[index];
    if (previous === undefined) this.#first = following;
    else previous.next = following ?? this;
    if (following !== undefined) following.sender = previous ?? this;
    (previous ?? this).roomAvailable();
  }
}
