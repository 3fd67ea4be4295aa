import type { AnyToxic } from './toxics/index.ts';

export type Direction = 'upstream' | 'downstream';

/** What a toxic really did, for proof that a fault touched traffic. */
export interface ToxicStats {
  readonly name: string;
  readonly type: string;
  readonly direction: Direction;
  /** False once it was removed; its figures stay. */
  readonly installed: boolean;
  /** Bytes that entered it on connections which the toxicity draw had chosen. */
  readonly bytesAffected: number;
  /** Connections (each once) on which it handled a chunk, an end or a timeout. */
  readonly connectionsAffected: number;
}

/** A toxic on a proxy: settings shared by its stages on every connection, and what they did. */
export class InstalledToxic {
  readonly name: string;
  readonly toxic: AnyToxic;
  /** As the client wrote it: the letter case is echoed. */
  readonly stream: string;
  readonly direction: Direction;
  toxicity: number;
  attributes: Readonly<Record<string, number>>;
  installed = true;
  #bytesAffected = 0;
  #connectionsAffected = 0;

  constructor(settings: { name: string; toxic: AnyToxic; stream: string; direction: Direction; toxicity: number; attributes: Readonly<Record<string, number>> }) {
    this.name = settings.name;
    this.toxic = settings.toxic;
    this.stream = settings.stream;
    this.direction = settings.direction;
    this.toxicity = settings.toxicity;
    this.attributes = settings.attributes;
  }

  countBytes(bytes: number): void {
    this.#bytesAffected += bytes;
  }

  countConnection(): void {
    this.#connectionsAffected += 1;
  }

  stats(): ToxicStats {
    return {
      name: this.name,
      type: this.toxic.type,
      direction: this.direction,
      installed: this.installed,
      bytesAffected: this.#bytesAffected,
      connectionsAffected: this.#connectionsAffected,
    };
  }

  /** Its form in every answer of the API. */
  toJSON(): Record<string, unknown> {
    return { attributes: this.attributes, name: this.name, type: this.toxic.type, stream: this.stream, toxicity: this.toxicity };
  }
}
