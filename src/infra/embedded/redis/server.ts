import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { systemClock, type CancelTimer, type Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import { createEntropyRng } from '../../../core/rng.ts';
import { InfraUnavailable } from '../../error-codes.ts';
import { commands } from './commands/index.ts';
import { Connection } from './connection.ts';
import { createScriptEngine } from './lua/script-engine.ts';
import { ServerState } from './server-state.ts';

const SWEEP_INTERVAL_MS = 100;
/** Keys looked at in one go; while a quarter of them had expired, another go follows at once. */
const SWEEP_KEYS = 200;
const MAX_SWEEPS = 20;

export interface RunningRedis extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Cuts every connection and frees the port; a second call waits for the first. */
  close(): Promise<void>;
}

export interface RedisServerOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free port. @default 0 */
  readonly port?: number;
  /** What keys expire by. @default systemClock */
  readonly clock?: Clock;
}

/**
 * Starts a server that answers like redis-server 7.0 over RESP2, with the data in memory only.
 * Throws InfraUnavailable where the address cannot be had.
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RunningRedis> {
  const { host = '127.0.0.1', port = 0, clock = systemClock } = options;
  const state = new ServerState({ clock, rng: createEntropyRng(), commands, runId: randomBytes(20).toString('hex') });
  state.scripts = await createScriptEngine(state);
  const connections = new Set<Connection>();
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = new Connection(state, socket);
    connections.add(connection);
    socket.on('close', () => connections.delete(connection));
  });
  await listen(server, host, port);
  state.port = (server.address() as AddressInfo).port;
  const stopSweeping = startSweeper(state);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      stopSweeping();
      server.close(() => resolve());
      for (const connection of connections) connection.destroy();
    });
    return closing;
  };
  return { host, port: state.port, close, [Symbol.asyncDispose]: close };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      reject(
        new InfraUnavailable(`The embedded Redis cannot listen on ${host}:${port}: ${asError(error).message}. Choose another port, or 0 for a free one.`, {
          cause: error,
          context: { host, port },
        }),
      );
    };
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

/** Removes expired keys that nobody asks for: one timer for all of them. */
function startSweeper(state: ServerState): CancelTimer {
  let cancel: CancelTimer | undefined;
  const sweep = (): void => {
    state.time.nowMs = state.clock.now();
    for (const database of state.databases) {
      for (let turn = 0; turn < MAX_SWEEPS; turn++) {
        if (database.sweep(SWEEP_KEYS) < SWEEP_KEYS / 4) break;
      }
    }
    arm();
  };
  const arm = (): void => {
    cancel = state.clock.setTimer(SWEEP_INTERVAL_MS, sweep, { keepAlive: false });
  };
  arm();
  return () => cancel?.();
}
