import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { Chalk } from 'chalk';
import type { JournalEvent } from '../src/journal/events.ts';
import { readJournal } from '../src/journal/reader.ts';
import { screenLines } from '../src/tui/components/screen-lines.ts';
import { PlayedJournal } from '../src/tui/replay/played-journal.ts';
import { newUiState } from '../src/tui/ui/ui-state.ts';
import { stretchesOf } from './screen-image/cells.ts';
import { terminalSvg } from './screen-image/svg.ts';

/**
 * The screen as a picture, from the journal of a real run:
 *
 *     npx netra-resilience chaos redis-drop --infra embedded
 *     npx node scripts/screen-image.ts .netra/runs/<run>/journal.ndjson docs/screen.svg --after breaker.transition
 *
 * `--at <seconds>` or `--after <event type>` says which instant it is.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { at: { type: 'string' }, after: { type: 'string' }, columns: { type: 'string', default: '120' }, rows: { type: 'string', default: '40' } },
});
const [path, out] = positionals;
if (path === undefined || out === undefined) throw new Error('name a journal and the file of the picture');
const events: JournalEvent[] = [];
for await (const event of readJournal(path)) events.push(event);
const journal = new PlayedJournal(events);
const nowMs = values.at === undefined ? (events.find(({ type }) => type === values.after)?.mono_ms ?? journal.lengthMs) : Number(values.at) * 1_000;
const [columns, rows] = [Number(values.columns), Number(values.rows)];
const state = journal.stateAt(nowMs);
const lines = screenLines({ state, nowMs, ui: { ...newUiState(), focus: 'jobs' }, columns, rows, paint: new Chalk({ level: 1 }), choices: [] });
const name = state.header.scenario || state.header.command;
const description = `The screen of netra-resilience ${(nowMs / 1_000).toFixed(1)} seconds into ${name}: the fleet by tier, its dependencies, breakers, jobs, the timeline of faults, and the last events.`;
await writeFile(out, terminalSvg(await stretchesOf(lines, columns), { columns, rows, title: `netra-resilience ${state.header.command} ${state.header.scenario}`.trim(), description }));
process.stdout.write(`${basename(out)}: ${name} at ${(nowMs / 1_000).toFixed(1)} s of ${(journal.lengthMs / 1_000).toFixed(1)} s\n`);
