import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunSummary } from '../run/summary.ts';
import { runsFolder } from '../run/run-folder.ts';

export interface ListedRun {
  readonly runId: string;
  readonly path: string;
  /** Absent where the run ended before it could write one (a crash, kill -9). */
  readonly summary?: RunSummary;
}

/** The runs below the current folder, newest first. A folder without any is no error. */
export async function listRuns(cwd: string): Promise<ListedRun[]> {
  const folder = join(cwd, runsFolder);
  let names: string[];
  try {
    names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return Promise.all(names.toSorted().toReversed().map((name) => readRun(join(folder, name), name)));
}

export async function readRun(path: string, runId: string): Promise<ListedRun> {
  try {
    return { runId, path, summary: JSON.parse(await readFile(join(path, 'summary.json'), 'utf8')) as RunSummary };
  } catch {
    // No summary, or one that was cut off: the run did not get to its end.
    return { runId, path };
  }
}
