import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { JOURNAL_VERSION, type JournalEvent } from './events.ts';

/**
 * The events of a journal, in order. Unknown types are handed on (a fold ignores them). A last line
 * that was cut off by a crash is left out. Throws, with the number of the line, for any other line that
 * cannot be read, for a version that this program does not know, and for a gap in `seq`: a journal
 * that lacks a line tells of another run.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalEvent> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  let seq = 0;
  let unreadable: string | undefined;
  for await (const line of lines) {
    if (unreadable !== undefined) throw new Error(unreadable);
    number += 1;
    if (line === '') continue;
    const event = parse(line);
    if (event === undefined) {
      // Said only if another line follows: the last one may have been cut off.
      unreadable = `${path}:${number}: this line of the journal is not JSON`;
      continue;
    }
    const version: unknown = event.v;
    if (version !== JOURNAL_VERSION) throw new Error(`${path}:${number}: journal version ${String(version)} is not known to this program (it reads ${JOURNAL_VERSION})`);
    seq += 1;
    if (event.seq !== seq) throw new Error(`${path}:${number}: event ${seq} is missing, this line is event ${String(event.seq)}`);
    yield event;
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
