import type { Problem } from '../../core/problems.ts';

const causes: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['does not exist', 'check the spelling'],
  ENOTDIR: ['is no folder', 'name the folder that holds the files'],
  EISDIR: ['is a folder, not a file', 'name a file'],
  EACCES: ['may not be read', 'grant read permission'],
  EPERM: ['may not be read', 'grant read permission'],
  EMFILE: ['cannot be opened: too many files are open', 'raise the limit (ulimit -n)'],
};

/** An error of the file system, as a sentence to the user. */
export function fileProblem(where: string, error: unknown): Problem {
  const code = String((error as NodeJS.ErrnoException).code);
  const [what, fix] = causes[code] ?? [`cannot be read (${code}: ${String(error)})`, 'check the disk'];
  return { where, what, fix };
}
