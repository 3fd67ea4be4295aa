import { createReadStream } from 'node:fs';
import { JOURNAL_VERSION, type JournalEvent } from './events.ts';

/** So that few lines are met in two parts. */
const chunkBytes = 1 << 20;

/**
 * The events of a journal, in order. Unknown types are handed on (a fold ignores them). A last line
 * that was cut off by a crash is left out. Throws, with the number of the line, for any other line that
 * cannot be read, for a version that this program does not know, and for a gap in `seq`: a journal
 * that lacks a line tells of another run.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalEvent> {
  const lines = new JournalLines(path);
  for await (const chunk of chunksOf(path)) for (const event of lines.push(chunk)) yield event;
  for (const event of lines.end()) yield event;
}

export interface WholeJournal {
  readonly events: JournalEvent[];
  /** The last line is there in part: its writer was killed, or is writing it. */
  readonly cutOff: boolean;
}

/** All of it at once; throws as `readJournal` does. */
export async function readWholeJournal(path: string): Promise<WholeJournal> {
  const lines = new JournalLines(path);
  const events: JournalEvent[] = [];
  for await (const chunk of chunksOf(path)) for (const event of lines.push(chunk)) events.push(event);
  for (const event of lines.end()) events.push(event);
  return { events, cutOff: lines.cutOff };
}

function chunksOf(path: string): AsyncIterable<string> {
  return createReadStream(path, { encoding: 'utf8', highWaterMark: chunkBytes }) as AsyncIterable<string>;
}

class JournalLines {
  readonly #path: string;
  /** Of the line that has no end yet. */
  #rest = '';
  #number = 0;
  #seq = 0;
  #unreadable: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get cutOff(): boolean {
    return this.#unreadable !== undefined;
  }

  *push(chunk: string): Generator<JournalEvent> {
    const text = this.#rest + chunk;
    let from = 0;
    // Not split: a text may hold U+2028, which is a line end to some, and none in JSON.
    for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
      const event = this.#read(text.slice(from, to));
      from = to + 1;
      if (event !== undefined) yield event;
    }
    this.#rest = text.slice(from);
  }

  *end(): Generator<JournalEvent> {
    const event = this.#rest === '' ? undefined : this.#read(this.#rest);
    if (event !== undefined) yield event;
  }

  #read(line: string): JournalEvent | undefined {
    if (this.#unreadable !== undefined) throw new Error(this.#unreadable);
    this.#number += 1;
    if (line === '' || line === '\r') return undefined;
    const event = parse(line);
    const where = `${this.#path}:${this.#number}`;
    if (event === undefined) {
      // Said only if another line follows: the last one may have been cut off.
      this.#unreadable = `${where}: this line of the journal is not JSON`;
      return undefined;
    }
    const version: unknown = event.v;
    if (version !== JOURNAL_VERSION) throw new Error(`${where}: journal version ${String(version)} is not known to this program (it reads ${JOURNAL_VERSION})`);
    this.#seq += 1;
    if (event.seq !== this.#seq) throw new Error(`${where}: event ${this.#seq} is missing, this line is event ${String(event.seq)}`);
    return event;
  }
}

function parse(line: string): JournalEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as JournalEvent) : undefined;
  } catch {
    return undefined;
  }
}
