import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { nearest } from '../../core/problems.ts';
import { UsageError } from '../error-codes.ts';
import { runsFolder } from '../run/run-folder.ts';
import { listRuns, readRun, type ListedRun } from './run-list.ts';

/** By name, by the start of a name, `latest`, or the path of a run folder. Throws UsageError with the nearest name where there is none. */
export async function findRun(wanted: string, cwd: string): Promise<ListedRun> {
  const runs = await listRuns(cwd);
  const newest = runs[0];
  if (wanted === 'latest' && newest !== undefined) return newest;
  const exact = runs.find((entry) => entry.runId === wanted);
  if (exact !== undefined) return exact;
  const starting = runs.filter((entry) => wanted !== '' && entry.runId.startsWith(wanted));
  if (starting.length === 1 && starting[0] !== undefined) return starting[0];
  const path = resolve(cwd, wanted);
  if ((await readdir(path).catch((): string[] => [])).includes('journal.ndjson')) return readRun(path, basename(path));
  const near = nearest(wanted, ['latest', ...runs.map((entry) => entry.runId)]);
  const what = starting.length > 1 ? `is the beginning of ${starting.length} runs` : runs.length === 0 ? `there are no runs in ${runsFolder} yet` : `there is no such run in ${runsFolder}`;
  const fix = runs.length === 0 ? '`netra-resilience run` makes one' : starting.length > 1 || near === undefined ? '`netra-resilience runs` lists them' : `did you mean ${near}?`;
  throw new UsageError([{ where: wanted, what, fix }]);
}
