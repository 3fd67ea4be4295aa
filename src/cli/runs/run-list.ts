import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournal } from '../../journal/reader.ts';
import { applyEvent, newRunState } from '../../journal/run-state.ts';
import { runsFolder } from '../run/run-folder.ts';
import { summarize, type RunSummary } from '../run/summary.ts';
import { parseSummary } from './stored-summary.ts';

export interface ListedRun {
  readonly runId: string;
  readonly path: string;
  /** False where the run did not come to its end (kill -9), or its summary is damaged. */
  readonly finished: boolean;
  /** From summary.json, or else what the journal tells; absent where neither can be read. */
  readonly summary?: RunSummary;
}

/** The runs below the current folder, newest first. A folder without any is no error. */
export async function listRuns(cwd: string): Promise<ListedRun[]> {
  const folder = join(cwd, runsFolder);
  let names: string[];
  try {
    names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
  // Run ids begin with the time: their order is that of the runs.
  return Promise.all(names.toSorted().toReversed().map((name) => readRun(join(folder, name), name)));
}

/** @param runId the name of its folder, where nothing in it says more */
export async function readRun(path: string, runId: string): Promise<ListedRun> {
  const stored = parseSummary(await readFile(join(path, 'summary.json'), 'utf8').catch(() => ''));
  if (stored !== undefined && stored.timings.total_ms !== null) return { runId, path, finished: true, summary: stored };
  const told = await summaryFromJournal(path);
  return { runId, path, finished: false, ...(told === undefined ? {} : { summary: told }) };
}

/** How far the run came, as far as its journal can be read. */
async function summaryFromJournal(path: string): Promise<RunSummary | undefined> {
  const state = newRunState();
  try {
    for await (const event of readJournal(join(path, 'journal.ndjson'))) applyEvent(state, event);
  } catch {
    // No journal, or a damaged line in it: what came before the line still holds.
  }
  return state.runId === '' ? undefined : summarize(state, [], [], path, 'the run did not come to its end, or its summary.json is damaged');
}
