import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { asError } from '../../core/errors.ts';
import type { Problems } from '../../core/problems.ts';
import { readWholeJournal, type WholeJournal } from '../../journal/reader.ts';
import { runsFolder } from '../run/run-folder.ts';
import { findRun } from '../runs/find-run.ts';

export interface RecordedJournal extends WholeJournal {
  readonly path: string;
  /** Its folder, as shown. */
  readonly folder: string;
  /** Bytes, when it was opened. */
  readonly size: number;
}

/**
 * By its path, its run folder, or the run: its name, the start of it, `latest`. Undefined, with the reason in
 * `problems`, where there is none, or one that lacks something; throws UsageError where no run is called so.
 */
export async function readRecordedJournal(wanted: string, cwd: string, problems: Problems): Promise<RecordedJournal | undefined> {
  const found = (await journalAt(wanted, cwd)) ?? (looksLikePath(wanted) ? undefined : await journalAt((await findRun(wanted, cwd)).path, cwd));
  if (found === undefined) {
    problems.add(wanted, 'there is no such journal', 'name a journal.ndjson, its run folder, or a run that `netra-resilience runs` lists');
    return undefined;
  }
  try {
    const journal = await readWholeJournal(found.path);
    if (journal.events[0]?.type === 'run.started') return { ...found, ...journal, folder: shownFolder(found.path, cwd) };
    problems.add(wanted, 'is no journal of a run: it does not begin with run.started', 'name the journal.ndjson of a run folder');
  } catch (error) {
    problems.add(wanted, `cannot be read: ${asError(error).message}`, 'name a journal as a run has left it');
  }
  return undefined;
}

function looksLikePath(wanted: string): boolean {
  return /[/\\]|\.ndjson$/.test(wanted);
}

/** Lines for whoever thought that all of the run was there. @param did what was done with what there was, and what to do for more */
export async function shortcomings({ path, size, events, cutOff }: RecordedJournal, did = { what: 'played', again: 'replay it again for more' }): Promise<string[]> {
  // One that was removed meanwhile will not grow.
  const now = (await stat(path).catch(() => undefined))?.size ?? size;
  const { mono_ms: atMs = 0 } = events.at(-1) ?? {};
  const upTo = `what was there was ${did.what}, ${events.length} events up to ${(atMs / 1_000).toFixed(1)} s`;
  if (now > size) return [`the journal is still being written, its run goes on: ${upTo}; ${did.again}`];
  return cutOff ? [`the last line of the journal is cut off, as a run leaves it that was killed: ${upTo}`] : [];
}

async function journalAt(wanted: string, cwd: string): Promise<{ path: string; size: number } | undefined> {
  const path = resolve(cwd, wanted);
  for (const candidate of [path, join(path, 'journal.ndjson'), join(cwd, runsFolder, wanted, 'journal.ndjson')]) {
    const found = await stat(candidate).catch(() => undefined);
    if (found?.isFile() === true) return { path: candidate, size: found.size };
  }
  return undefined;
}

function shownFolder(path: string, cwd: string): string {
  const folder = dirname(path);
  const inside = relative(cwd, folder);
  return inside === '' ? '.' : inside.startsWith('..') || isAbsolute(inside) ? folder : inside;
}
