import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { Client, types } from 'pg';
import type { QueryOptions, SqlDatabase, SqlValue } from '../../src/fleet/data/sql-database.ts';

/** PGlite behind its socket server, spoken to by pg: the port as the embedded infrastructure offers it. */
export class PgliteDatabase implements SqlDatabase, AsyncDisposable {
  readonly dialect = 'postgres';
  readonly #engine: PGlite;
  readonly #server: PGLiteSocketServer;
  readonly #client: Client;
  #depth = 0;

  private constructor(engine: PGlite, server: PGLiteSocketServer, client: Client) {
    this.#engine = engine;
    this.#server = server;
    this.#client = client;
  }

  static async create(): Promise<PgliteDatabase> {
    const engine = await PGlite.create();
    const server = new PGLiteSocketServer({ db: engine, host: '127.0.0.1', port: 0 });
    await server.start();
    const port = Number(server.getServerConn().split(':').at(-1));
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    client.setTypeParser(types.builtins.INT8, Number);
    await client.connect();
    return new PgliteDatabase(engine, server, client);
  }

  async query<Row extends object>(sql: string, parameters: readonly SqlValue[] = [], options?: QueryOptions): Promise<Row[]> {
    options?.signal?.throwIfAborted();
    return (await this.#client.query<Row>(sql, [...parameters])).rows;
  }

  async transaction<T>(work: (tx: SqlDatabase) => Promise<T>): Promise<T> {
    if (this.#depth > 0) return work(this);
    this.#depth++;
    await this.#client.query('BEGIN');
    try {
      const result = await work(this);
      await this.#client.query('COMMIT');
      return result;
    } catch (error) {
      await this.#client.query('ROLLBACK');
      throw error;
    } finally {
      this.#depth--;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
    await this.#server.stop();
    await this.#engine.close();
  }
}
