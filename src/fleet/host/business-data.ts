import { fileURLToPath } from 'node:url';
import { Problems, formatProblem } from '../../core/problems.ts';
import { AgentError } from '../agents/error-codes.ts';
import type { Logger } from '../agents/services.ts';
import { loadDataset } from '../data/load-dataset.ts';
import { readDataset } from '../data/read-dataset.ts';
import type { SqlDatabase } from '../data/sql-database.ts';

const bundledData = fileURLToPath(new URL('../../../fixtures/business', import.meta.url));

/**
 * The business data of a host. The files are read again for another database (the SQLite stand-in)
 * instead of being held in memory.
 */
export class BusinessData {
  readonly #folder: string;
  readonly #logger: Logger;
  #inPostgres: Promise<void> | undefined;

  constructor(folder: string | undefined, logger: Logger) {
    this.#folder = folder ?? bundledData;
    this.#logger = logger;
  }

  /**
   * Sees to the data being there for the next statement: loaded into PostgreSQL once, at first need after
   * that has come; the SQLite stand-in loads its own copy before its first read. A failure is forgotten, so
   * that the next caller tries again.
   */
  async prepare(database: SqlDatabase): Promise<void> {
    if (database.dialect === 'sqlite') return;
    this.#inPostgres ??= this.load(database).catch((error: unknown) => {
      this.#inPostgres = undefined;
      throw error;
    });
    await this.#inPostgres;
  }

  async load(database: SqlDatabase): Promise<void> {
    const problems = new Problems();
    const dataset = await readDataset(this.#folder, problems);
    if (dataset === undefined) throw new AgentError('AGENT_FAILED', `the business data cannot be read: ${problems.list.map(formatProblem).join(' | ')}`, { retriable: false });
    const { loaded, rows } = await loadDataset(database, dataset);
    this.#logger.info(loaded ? 'business data loaded' : 'business data was there already', { rows, dialect: database.dialect, version: dataset.version });
  }
}
