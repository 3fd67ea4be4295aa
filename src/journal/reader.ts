import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { JOURNAL_VERSION, type JournalEvent } from './events.ts';

/**
 * The events of a journal, in order. Unknown types are handed on (a fold ignores them). A last line
 * that was cut off by a crash is left out; any other line that cannot be read throws, with its number.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalEvent> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  let damaged: string | undefined;
  for await (const line of lines) {
    if (damaged !== undefined) throw new Error(damaged);
    number += 1;
    if (line === '') continue;
    try {
      const event = JSON.parse(line) as JournalEvent;
      if (event.v !== JOURNAL_VERSION) damaged = `${path}:${number}: journal version ${String(event.v)} is not known to this program (it reads ${String(JOURNAL_VERSION)})`;
      else yield event;
    } catch {
      // Said only if another line follows: the last one may have been cut off.
      damaged = `${path}:${number}: this line of the journal is not JSON`;
    }
  }
}
