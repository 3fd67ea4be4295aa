import { randomInt } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { listenOn } from '../listen.ts';
import { startEngine } from './engine.ts';
import { Session, type SessionHost } from './session.ts';
import { Turns } from './turns.ts';

export interface PostgresOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0, the system chooses */
  readonly port?: number;
  /** Keeps a fresh database for quick starts; made where it is absent. */
  readonly cacheDir: string;
  /** @default 100 */
  readonly maxConnections?: number;
  /** How long a client may leave its transaction open without a word while it keeps everybody else out. @default 5000 */
  readonly idleInTransactionTimeoutMs?: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Told, in a sentence, what costs time but does not fail the start. */
  readonly onWarning?: (message: string) => void;
  /** The engine broke down: all clients have been told, and nothing works any more. */
  readonly onEngineLost?: (error: unknown) => void;
}

export interface PostgresServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * PostgreSQL for many clients on an engine for one (PGlite). Transactions run one after another, whole. What a real
 * server keeps apart by backend process and this one does not: SET outside a transaction, temporary tables, LISTEN
 * and advisory locks act on all connections; COPY FROM STDIN is refused. Any user name gets in, there is one database.
 *
 * Throws InfraUnavailable where the port cannot be had.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const clock = options.clock ?? systemClock;
  const engine = await startEngine(options.cacheDir, options.onWarning ?? (() => undefined));
  const sessions = new Map<number, Session>();
  let lastProcessId = 0;
  const turns = new Turns({
    engine,
    clock,
    idleInTransactionTimeoutMs: options.idleInTransactionTimeoutMs ?? 5000,
    onIdleTooLong: (owner) => (owner as Session).terminate('25P03', 'terminating connection due to idle-in-transaction timeout', 'Transactions run one at a time here; one that waits keeps everybody waiting.'),
    onEngineLost: (error) => {
      for (const session of sessions.values()) session.terminate('57P02', 'terminating connection because the database engine broke down');
      options.onEngineLost?.(error);
    },
  });
  const host: SessionHost = {
    turns,
    clock,
    parameterStatuses: engine.parameterStatuses,
    admit: (session) => {
      if (sessions.size >= (options.maxConnections ?? 100)) return false;
      sessions.set(session.processId, session);
      return true;
    },
    cancel: (processId, secret) => {
      const session = sessions.get(processId);
      if (session?.secret === secret) session.cancelWaiting('user request');
    },
    closed: (session) => sessions.delete(session.processId),
  };
  const connections = new Map<Socket, Session>();
  const server = createServer((socket) => {
    connections.set(socket, new Session(host, socket, ++lastProcessId, randomInt(2 ** 31)));
    socket.once('close', () => connections.delete(socket));
  });
  const address = await listenOn(server, 'PostgreSQL', options.host ?? '127.0.0.1', options.port ?? 0).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= shutDown());
  async function shutDown(): Promise<void> {
    turns.stop();
    for (const session of sessions.values()) session.terminate('57P01', 'terminating connection due to administrator command');
    const gone = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of connections.keys()) socket.destroy();
    await gone;
    await engine.close();
  }
  return { ...address, close, [Symbol.asyncDispose]: close };
}
