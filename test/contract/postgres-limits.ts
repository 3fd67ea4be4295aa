import { once } from 'node:events';
import { Client, type ClientConfig } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ContractServer } from './postgres-statements.ts';

/** What is asked of a PostgreSQL by none of the project's code, and what comes of it there and in the embedded server. */
export interface PostgresLimits {
  /** `own`: as of a server with a process a connection. `shared`: all connections are one to the engine. */
  readonly settings: 'own' | 'shared';
  readonly temporaryTables: 'own' | 'shared';
  readonly advisoryLocks: 'own' | 'shared';
  /** Who reads what an open transaction has written waits for its end, or sees what was before. */
  readonly readers: 'see-before' | 'wait';
  /** `statement_timeout` and CancelRequest end a statement that is at work, or one that waits only. */
  readonly statementsAtWork: 'ended' | 'run-on';
  readonly copyFromStdin: 'taken' | 'refused';
  readonly wrongPassword: 'refused' | 'let-in';
  readonly otherDatabases: 'made' | 'refused';
  readonly notifications: 'delivered' | 'lost';
}

/** Limits of the embedded server, with the real one beside them. Every title begins with P01. */
export function postgresLimits(serverName: string, limits: PostgresLimits, start: () => Promise<ContractServer>): void {
  describe(`PostgreSQL limits: ${serverName}`, () => {
    let server: ContractServer;
    const clients: Client[] = [];

    beforeAll(async () => {
      server = await start();
    });
    afterEach(() => Promise.all(clients.splice(0).map((client) => client.end())));
    afterAll(() => server?.[Symbol.asyncDispose]());

    async function connected(options: ClientConfig = {}): Promise<Client> {
      const client = new Client({ connectionString: server.url, ...options });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
      return client;
    }

    const outcome = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'done',
        (error: unknown) => (error as { code?: string }).code ?? String(error),
      );

    test(`P01 SET outside a transaction is ${limits.settings}`, async () => {
      const [one, other] = [await connected(), await connected()];
      await one.query("SET application_name = 'mine'");
      const [row] = (await other.query<{ name: string }>("SELECT current_setting('application_name') AS name")).rows;
      await one.query('RESET application_name');
      expect(row?.name === 'mine' ? 'shared' : 'own').toBe(limits.settings);
    });

    test(`P01 temporary tables are ${limits.temporaryTables}`, async () => {
      const [one, other] = [await connected(), await connected()];
      await one.query('CREATE TEMPORARY TABLE passing (id INT)');
      expect(await outcome(other.query('SELECT * FROM passing'))).toBe(limits.temporaryTables === 'own' ? '42P01' : 'done');
      await one.query('DROP TABLE passing');
    });

    test(`P01 advisory locks of a session are ${limits.advisoryLocks}`, async () => {
      const [one, other] = [await connected(), await connected()];
      await one.query('SELECT pg_advisory_lock(4711)');
      const [row] = (await other.query<{ got: boolean }>('SELECT pg_try_advisory_lock(4711) AS got')).rows;
      expect(row?.got).toBe(limits.advisoryLocks === 'shared');
      if (row?.got === true) await other.query('SELECT pg_advisory_unlock(4711)');
      await one.query('SELECT pg_advisory_unlock(4711)');
    });

    test(`P01 who reads beside an open transaction: ${limits.readers}`, async () => {
      const [writer, reader] = [await connected(), await connected()];
      await writer.query('DROP TABLE IF EXISTS read_beside');
      await writer.query('CREATE TABLE read_beside (id INT)');
      await writer.query('BEGIN');
      await writer.query('INSERT INTO read_beside VALUES (1)');
      const reading = reader.query<{ rows: string }>('SELECT count(*) AS rows FROM read_beside').then(({ rows }) => rows[0]?.rows);
      if (limits.readers === 'see-before') expect(await reading).toBe('0');
      await writer.query('COMMIT');
      expect(await reading).toBe(limits.readers === 'see-before' ? '0' : '1');
    });

    test(`P01 a statement at work when its time is over: ${limits.statementsAtWork}`, async () => {
      const client = await connected({ statement_timeout: 50 });
      expect(await outcome(client.query('SELECT count(*) FROM generate_series(1, 1200000) AS n WHERE md5(n::text) < md5((n + 1)::text)'))).toBe(limits.statementsAtWork === 'ended' ? '57014' : 'done');
    });

    test(`P01 COPY FROM STDIN is ${limits.copyFromStdin}`, async () => {
      const client = await connected();
      await client.query('DROP TABLE IF EXISTS copied');
      await client.query('CREATE TABLE copied (id TEXT)');
      const connection = (client as unknown as { connection: { on(event: string, listener: () => void): void; sendCopyFail(message: string): void; endCopyFrom(): void } }).connection;
      let asked = false;
      connection.on('copyInResponse', () => (asked = true));
      // pg itself refuses to give data, which a server that takes it reports as 57014.
      const code = await outcome(client.query('COPY copied FROM STDIN'));
      expect({ asked, refused: code !== 'done' }).toEqual({ asked: true, refused: true });
      const message = await client.query('COPY copied FROM STDIN').then(
        () => 'done',
        (error: unknown) => String(error),
      );
      expect(message).toContain(limits.copyFromStdin === 'refused' ? 'use INSERT' : 'No source stream defined');
    });

    test(`P01 a wrong password is ${limits.wrongPassword}`, async () => {
      const url = new URL(server.url);
      url.password = 'wrong';
      expect(await outcome(connected({ connectionString: url.href }))).toBe(limits.wrongPassword === 'let-in' ? 'done' : '28P01');
    });

    test(`P01 other databases are ${limits.otherDatabases}`, async () => {
      const client = await connected();
      const code = await outcome(client.query('CREATE DATABASE other'));
      if (code === 'done') await client.query('DROP DATABASE other');
      expect(code === 'done' ? 'made' : 'refused').toBe(limits.otherDatabases);
    });

    test(`P01 what LISTEN asks for is ${limits.notifications}`, async () => {
      const [listener, sender] = [await connected(), await connected()];
      let heard = 0;
      listener.on('notification', () => heard++);
      await listener.query('LISTEN news');
      const first = once(listener, 'notification');
      await sender.query("NOTIFY news, 'x'");
      if (limits.notifications === 'delivered') await first;
      // An answer that comes later than a notification would have.
      await listener.query('SELECT 1');
      first.catch(() => undefined);
      await listener.query('UNLISTEN news');
      expect(heard).toBe(limits.notifications === 'delivered' ? 1 : 0);
    });
  });
}
