import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asError } from '../../../core/errors.ts';
import { makeFolder } from '../../../core/make-folder.ts';
import { decodeSnapshot, type Snapshot } from './snapshot.ts';

/**
 * Where a fresh database is kept between runs, one file a `key`. Whatever goes wrong with it costs
 * start-up time and a warning, never the start.
 */
export class SnapshotCache {
  readonly #folder: string;
  readonly #path: string;
  readonly #warn: (message: string) => void;

  constructor(folder: string, key: string, warn: (message: string) => void) {
    this.#folder = folder;
    this.#path = join(folder, `postgres-${key}.snapshot`);
    this.#warn = warn;
  }

  /** undefined where there is none, or none that can be used. */
  async load(): Promise<Snapshot | undefined> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#warn(`The database cache ${this.#path} cannot be read (${asError(error).message}); PostgreSQL starts afresh, which takes a few seconds.`);
      return undefined;
    }
    try {
      return decodeSnapshot(bytes);
    } catch (error) {
      this.#warn(`The database cache ${this.#path} is damaged (${asError(error).message}); it is made anew, which takes a few seconds.`);
      return undefined;
    }
  }

  /** By a file of its own and a rename: of several processes that save at once, the last wins, and no reader sees half. */
  async save(bytes: Buffer): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
    try {
      await makeFolder(this.#folder);
      await writeFile(temporary, bytes);
      await rename(temporary, this.#path);
    } catch (error) {
      this.#warn(`The database cache cannot be written to ${this.#folder} (${asError(error).message}); every start will take a few seconds longer. Set NETRA_CACHE_DIR to a folder that can be written to.`);
      await rm(temporary, { force: true }).catch(() => undefined); // Where nothing could be written there is nothing to remove.
    }
  }
}
