import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/journal/events.ts';
import { readJournal, readWholeJournal } from '../../src/journal/reader.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const lineOf = (seq: number, text: string): string => JSON.stringify({ v: 1, seq, at: 'x', mono_ms: seq, run_id: 'r', type: 'weather.changed', text });

async function both(content: string): Promise<{ events: JournalEvent[]; cutOff: boolean }> {
  await using folder = await tempFolder({ 'journal.ndjson': content });
  const path = join(folder.path, 'journal.ndjson');
  const single: JournalEvent[] = [];
  for await (const event of readJournal(path)) single.push(event);
  const whole = await readWholeJournal(path);
  expect(whole.events).toEqual(single);
  return whole;
}

describe('reading a journal', () => {
  it('P04 lines of any length come through whole, whatever characters stand where one read ends', async () => {
    const texts = ['a'.repeat(3_000_000), '€'.repeat(1_200_001), '', '😀'.repeat(700_000), 'b'];
    const { events, cutOff } = await both(texts.map((text, index) => `${lineOf(index + 1, text)}\n`).join(''));
    expect(events.map((event) => (event as unknown as { text: string }).text)).toEqual(texts);
    expect(cutOff).toBe(false);
  });

  it('P04 a text may hold what some programs take for a line end', async () => {
    const text = 'one\u2028two\u2029three\u0085four';
    const { events } = await both(`${lineOf(1, text)}\n${lineOf(2, '')}\n`);
    expect(events[0]).toMatchObject({ text });
    expect(events).toHaveLength(2);
  });

  it('P04 line ends of Windows and empty lines do no harm', async () => {
    expect((await both(`${lineOf(1, '')}\r\n\r\n\n${lineOf(2, '')}\r\n`)).events).toHaveLength(2);
  });

  it('P04 says whether the last line is there in part', async () => {
    const first = `${lineOf(1, '')}\n`;
    expect(await both(first)).toMatchObject({ cutOff: false, events: [{ seq: 1 }] });
    expect(await both(`${first}${lineOf(2, 'x').slice(0, -3)}`)).toMatchObject({ cutOff: true, events: [{ seq: 1 }] });
    expect(await both(`${first}${lineOf(2, 'x')}`)).toMatchObject({ cutOff: false, events: [{ seq: 1 }, { seq: 2 }] });
    expect(await both('')).toEqual({ cutOff: false, events: [] });
  });
});
