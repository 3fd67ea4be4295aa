import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Keeps `docs/requirements.md` and the tests in step. Each row of its table names an ID, what it asks
 * for, and the test files that prove it; a test proves an ID by a title that begins with it.
 *
 *   node scripts/requirements.ts            lists what does not agree, exit code 1 where something does not
 *   node scripts/requirements.ts --write    rewrites the column of test files from the titles
 */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly files: readonly string[];
  readonly line: number;
}

const idPattern = /^[PDCRFN]\d{2}$/;

/** Rows of the markdown table `| ID | what | proved by |`. */
export function parseRows(markdown: string): Row[] {
  return markdown.split('\n').flatMap((text, index) => {
    const cells = text.split('|').map((cell) => cell.trim());
    const [, id = '', what = '', files = ''] = cells;
    return idPattern.test(id) ? [{ id, what, files: [...files.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string), line: index + 1 }] : [];
  });
}

/** IDs at the beginning of test titles (one, or several: `C03 C05 a save …`) by file; suites (`describe`) do not count, nor do tests that are skipped or to be written. */
export function provenIds(files: ReadonlyMap<string, string>): Map<string, Set<string>> {
  const proven = new Map<string, Set<string>>();
  for (const [path, text] of files) {
    for (const match of text.matchAll(/\b(?:it|test)(?:\.(?:each|for|concurrent|sequential|runIf|skipIf)(?:\([^)]*\)|`[^`]*`)?)*\(\s*['"`]((?:[PDCRFN]\d{2} )+)/g)) {
      for (const id of (match[1] as string).trim().split(' ')) proven.set(id, (proven.get(id) ?? new Set()).add(path));
    }
  }
  return proven;
}

/** Every disagreement, as one sentence each. */
export function disagreements(rows: readonly Row[], proven: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const listed = new Set(rows.map((row) => row.id));
  return [
    ...rows.flatMap((row) => {
      const actual = proven.get(row.id) ?? new Set();
      return [
        ...(row.files.length === 0 ? [`docs/requirements.md:${row.line}: ${row.id} names no test`] : []),
        ...row.files.filter((file) => !actual.has(file)).map((file) => `docs/requirements.md:${row.line}: ${file} has no test whose title begins with ${row.id}`),
        ...[...actual].filter((file) => !row.files.includes(file)).map((file) => `docs/requirements.md:${row.line}: ${row.id} is proved in ${file} as well, which the row does not name`),
      ];
    }),
    ...rows.filter((row, index) => rows.findIndex((other) => other.id === row.id) !== index).map((row) => `docs/requirements.md:${row.line}: ${row.id} has two rows`),
    ...[...proven].filter(([id]) => !listed.has(id)).map(([id, files]) => `${[...files].join(', ')}: titles begin with ${id}, which docs/requirements.md does not list`),
  ];
}

export function readTests(root: string): Map<string, string> {
  const folder = join(root, 'test');
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8')] as const;
      })
      .toSorted(([a], [b]) => a.localeCompare(b, 'en')),
  );
}

function rewrite(markdown: string, proven: ReadonlyMap<string, ReadonlySet<string>>): string {
  return markdown
    .split('\n')
    .map((text) => {
      const cells = text.split('|');
      const id = cells[1]?.trim() ?? '';
      if (!idPattern.test(id)) return text;
      const files = [...(proven.get(id) ?? [])].map((file) => `\`${file}\``).join(' ');
      return [...cells.slice(0, 3), ` ${files} `, ...cells.slice(4)].join('|');
    })
    .join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const path = join(root, 'docs', 'requirements.md');
  const proven = provenIds(readTests(root));
  if (process.argv.includes('--write')) writeFileSync(path, rewrite(readFileSync(path, 'utf8'), proven));
  const found = disagreements(parseRows(readFileSync(path, 'utf8')), proven);
  for (const line of found) process.stderr.write(`${line}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
