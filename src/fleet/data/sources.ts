import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problems } from '../../core/problems.ts';
import { suggest } from '../../core/suggestion.ts';
import type { TableSource } from './dataset.ts';
import { fileProblem } from './file-problem.ts';
import { readMapping } from './mapping.ts';
import { findTable, tableNames } from './tables/index.ts';

export const MAPPING_FILE = 'mapping.yaml';

/** Which file each table comes from: as `mapping.yaml` says, or else by their names. */
export async function findSources(folder: string, problems: Problems): Promise<Map<string, TableSource>> {
  let files: string[];
  try {
    files = (await readdir(folder)).toSorted();
  } catch (error) {
    problems.list.push(fileProblem(folder, error));
    return new Map();
  }
  if (!files.includes(MAPPING_FILE)) return sourcesByName(folder, files, problems);
  const file = join(folder, MAPPING_FILE);
  try {
    return readMapping(await readFile(file, 'utf8'), { folder, file, files }, problems);
  } catch (error) {
    problems.list.push(fileProblem(file, error));
    return new Map();
  }
}

function sourcesByName(folder: string, files: readonly string[], problems: Problems): Map<string, TableSource> {
  const sources = new Map<string, TableSource>();
  for (const file of files) {
    const shown = join(folder, file);
    if (file === 'mapping.yml') problems.add(shown, 'is not read', `rename it to ${MAPPING_FILE}`);
    if (!/\.csv$/i.test(file)) continue;
    const name = file.replace(/\.csv$/i, '');
    const spec = findTable(name);
    if (spec !== undefined) {
      sources.set(name, { spec, file: shown, path: shown, columns: new Map(), encoding: 'utf-8', closed: true, where: new Map() });
      continue;
    }
    const free = tableNames.filter((known) => !files.includes(`${known}.csv`));
    problems.add(shown, `"${name}" is no table of ours`, suggest(name, free, `name files after tables (${tableNames.join(', ')}), or write a ${MAPPING_FILE}`));
  }
  if (sources.size === 0 && !problems.any) problems.add(folder, 'holds no CSV file', `put in files named after tables, such as orders.csv, or a ${MAPPING_FILE}`);
  return sources;
}
