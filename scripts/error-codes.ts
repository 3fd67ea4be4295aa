import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorCodeEntry } from '../src/core/errors.ts';

/**
 * Writes `docs/error-codes.md` from every `src/**\/error-codes.ts`: `node scripts/error-codes.ts`.
 * With `--check` it writes nothing and exits with 1 where the document is out of date.
 */
const root = join(import.meta.dirname, '..');
export const documentPath = join(root, 'docs', 'error-codes.md');

interface Area {
  /** Folder below src, e.g. `fleet/agents`. */
  readonly folder: string;
  readonly codes: Readonly<Record<string, ErrorCodeEntry>>;
}

export async function loadAreas(): Promise<Area[]> {
  const src = join(root, 'src');
  const files = globSync('**/error-codes.ts', { cwd: src }).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const module = (await import(pathToFileURL(join(src, file)).href)) as Record<string, unknown>;
      return { folder: dirname(file).replaceAll('\\', '/'), codes: Object.assign({}, ...Object.values(module).filter(isCodeTable)) as Area['codes'] };
    }),
  );
}

/** A code that two areas give away means two things to whoever looks it up. */
export function duplicates(areas: readonly Area[]): string[] {
  const codes = areas.flatMap(({ codes: table }) => Object.keys(table));
  return [...new Set(codes.filter((code, index) => codes.indexOf(code) !== index))];
}

export function renderErrorCodes(areas: readonly Area[]): string {
  const sections = areas
    .filter(({ codes }) => Object.keys(codes).length > 0)
    .map(({ folder, codes }) => {
      const entries = Object.entries(codes).toSorted(([a], [b]) => (a < b ? -1 : 1));
      return [`## ${folder}`, ...entries.map(([code, entry]) => renderEntry(code, entry))].join('\n\n');
    });
  return `${[
    '# Error codes',
    'Written by `node scripts/error-codes.ts` from the tables `src/**/error-codes.ts`; change those.',
    'Codes are stable: they stand in logs, in the bodies of error answers and in verdicts. *Severity* says how bad it is for the run, *recovery* what the caller should do next (retry, use a fallback, go on with less, or fail), *retriable* whether the same request may succeed later.',
    ...sections,
  ].join('\n\n')}\n`;
}

function renderEntry(code: string, { severity, recovery, retriable, meaning, remedy }: ErrorCodeEntry): string {
  return [`### ${code}`, `Severity ${severity} · recovery ${recovery} · ${retriable ? 'retriable' : 'not retriable'}`, meaning, `**What to do:** ${remedy}`].join('\n\n');
}

function isCodeTable(value: unknown): value is Record<string, ErrorCodeEntry> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries: unknown[] = Object.values(value);
  return entries.length > 0 && entries.every((entry) => typeof entry === 'object' && entry !== null && 'severity' in entry && 'recovery' in entry && 'meaning' in entry && 'remedy' in entry);
}

if (import.meta.main) {
  const areas = await loadAreas();
  const twice = duplicates(areas);
  if (twice.length > 0) throw new Error(`error codes given twice: ${twice.join(', ')}`);
  const text = renderErrorCodes(areas);
  if (!process.argv.includes('--check')) await writeFile(documentPath, text);
  else if ((await readFile(documentPath, 'utf8')) !== text) {
    console.error('docs/error-codes.md is out of date: run `node scripts/error-codes.ts`');
    process.exitCode = 1;
  }
}
