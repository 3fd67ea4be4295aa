import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { asError } from '../../core/errors.ts';
import { makeFolder } from '../../core/make-folder.ts';
import type { Problems } from '../../core/problems.ts';
import { CliError } from '../error-codes.ts';
import type { RunSummary } from './summary.ts';

/** Folder of all runs, below the current folder. */
export const runsFolder = join('.netra', 'runs');

export interface RunFolder {
  readonly path: string;
  /** As shown and as written into the summary: relative to the current folder. */
  readonly shown: string;
  readonly reports: string;
  readonly logs: string;
  readonly state: string;
  readonly journal: string;
  readonly summary: string;
}

/** Where a run writes; nothing is made yet. An `--out` folder with something in it is a problem. */
export async function planRunFolder(cwd: string, out: string | undefined, runId: string, problems: Problems): Promise<RunFolder> {
  const path = out === undefined ? join(cwd, runsFolder, runId) : resolve(cwd, out);
  if (out !== undefined) {
    try {
      if ((await readdir(path)).length > 0) problems.add('--out', `the folder ${out} is not empty`, 'name another one, or empty it');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT') problems.add('--out', `${out} cannot be used: ${code === 'ENOTDIR' ? 'it is no folder' : asError(error).message}`, 'name another folder');
    }
  }
  const inside = relative(cwd, path);
  return {
    path,
    shown: inside === '' ? '.' : inside.startsWith('..') || isAbsolute(inside) ? path : inside,
    reports: join(path, 'reports'),
    logs: join(path, 'logs'),
    state: join(path, 'state'),
    journal: join(path, 'journal.ndjson'),
    summary: join(path, 'summary.json'),
  };
}

/** Throws WORKSPACE_UNWRITABLE. */
export async function makeRunFolder(folder: RunFolder): Promise<void> {
  // A folder that can be made on a full disk cannot be written to: better to learn it before anything runs.
  const probe = join(folder.path, '.writable');
  try {
    for (const path of [folder.reports, folder.logs, folder.state]) await makeFolder(path);
    await writeFile(probe, 'x'.repeat(64 * 1024));
  } catch (error) {
    throw unwritable(folder.shown, error);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined); // Where it could not be made, why has just been told.
  }
}

/** Whole or not at all: on a full disk the summary that is there stays. Throws WORKSPACE_UNWRITABLE. */
export async function writeSummary(folder: RunFolder, summary: RunSummary): Promise<void> {
  const temporary = `${folder.summary}.new`;
  try {
    await writeFile(temporary, `${JSON.stringify(summary, null, 2)}\n`);
    await rename(temporary, folder.summary);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // What cannot be written cannot always be removed.
    throw unwritable(folder.shown, error);
  }
}

const causes: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'no write access',
  EPERM: 'no write access',
  EROFS: 'no write access',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file',
  ENOENT: 'no folder can be made there',
};

/** Whether an error in mid-run is about the run folder (full, removed, no longer writable) rather than about the program. */
export function isAboutFolder(error: unknown, folder: RunFolder): boolean {
  const { code, path } = error as NodeJS.ErrnoException;
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].includes(code ?? '') || path?.startsWith(folder.path) === true;
}

export function unwritable(shown: string, error: unknown): CliError {
  const why = causes[(error as NodeJS.ErrnoException).code ?? ''] ?? asError(error).message;
  return new CliError('WORKSPACE_UNWRITABLE', `${shown} cannot be written: ${why}; choose another folder with --out <dir>`, { cause: error });
}
