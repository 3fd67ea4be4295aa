import { createServer, type ServerResponse } from 'node:http';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { createEntropyRng, createRng } from '../../../core/rng.ts';
import { listenOn } from '../listen.ts';
import { dispatch } from './api/dispatch.ts';
import type { Reply } from './api/reply.ts';
import { formatAddress } from './address.ts';
import { ProxyCollection } from './proxy-collection.ts';
import type { ProxyStats } from './proxy.ts';

const READ_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 60_000;

export interface ToxiproxyOptions {
  /** Where the API listens. @default '127.0.0.1' */
  readonly host?: string;
  /** Port of the API; 0 picks a free one. @default 0 */
  readonly port?: number;
  /** Decides which connections a toxicity below 1 spares, jitter and slices. @default a new one each time */
  readonly seed?: string | number;
  /** @default systemClock */
  readonly clock?: Clock;
  /**
   * Reproduces what Toxiproxy 2.12 does against its own documentation and a client may have come to
   * rely on: a half-closed connection is closed both ways; reset_peer sends a FIN on connections
   * opened before it was added, and an RST at every close of those opened after; removing a
   * timeout toxic also closes the connections that its toxicity had spared. @default false
   */
  readonly strictCompatibility?: boolean;
}

export interface RunningToxiproxy extends AsyncDisposable {
  readonly host: string;
  /** Of the API. */
  readonly port: number;
  /** Base URL of the API, without a slash at the end. */
  readonly url: string;
  /** What went through each proxy and each of its toxics; the same as GET /netra/stats. */
  stats(): readonly ProxyStats[];
  /** Closes the API, every proxy and every connection; a second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Starts a server with the HTTP API and the behaviour of Toxiproxy 2.12
 * (https://github.com/Shopify/toxiproxy). Throws InfraUnavailable when it cannot listen.
 */
export async function startToxiproxy(options: ToxiproxyOptions = {}): Promise<RunningToxiproxy> {
  const { host = '127.0.0.1', port = 0, seed, clock = systemClock, strictCompatibility = false } = options;
  const rng = seed === undefined ? createEntropyRng() : createRng(seed);
  const proxies = new ProxyCollection({ clock, rng, strictCompatibility });
  const api = { proxies, clock, requestIdRng: createEntropyRng() };
  const server = createServer({ requestTimeout: READ_TIMEOUT_MS, headersTimeout: READ_TIMEOUT_MS, keepAliveTimeout: IDLE_TIMEOUT_MS, noDelay: true }, (request, response) => {
    dispatch(api, request).then(
      (reply) => send(response, reply),
      // The client went away in the middle of its request; there is nobody to answer.
      () => response.destroy(),
    );
  });
  const endpoint = await listenOn(server, 'The Toxiproxy API', host, port);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await proxies.clear();
    })();
    return closing;
  };
  return {
    ...endpoint,
    url: `http://${formatAddress(endpoint)}`,
    stats: () => proxies.list().map((proxy) => proxy.stats()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'Content-Length': String(Buffer.byteLength(body)) });
  response.end(body);
}
