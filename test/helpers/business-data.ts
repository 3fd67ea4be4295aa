import { fileURLToPath } from 'node:url';
import { Problems } from '../../src/core/problems.ts';
import type { Dataset } from '../../src/fleet/data/dataset.ts';
import { loadDataset } from '../../src/fleet/data/load-dataset.ts';
import { readDataset } from '../../src/fleet/data/read-dataset.ts';
import { SqliteDatabase } from './sqlite-database.ts';

export const businessFolder = fileURLToPath(new URL('../../fixtures/business', import.meta.url));

/** Reads a folder that has nothing wrong with it as a whole; throws with the problems where it has. */
export async function readGoodDataset(folder: string = businessFolder): Promise<Dataset> {
  const problems = new Problems();
  const dataset = await readDataset(folder, problems);
  if (dataset === undefined) throw new Error(JSON.stringify(problems.list, undefined, 1));
  return dataset;
}

/** The dataset in a fresh SQLite. */
export async function sqliteWith(dataset: Dataset): Promise<SqliteDatabase> {
  const database = new SqliteDatabase();
  await loadDataset(database, dataset);
  return database;
}
