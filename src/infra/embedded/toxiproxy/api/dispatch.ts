import type { IncomingMessage } from 'node:http';
import { posix } from 'node:path';
import type { Clock } from '../../../../core/clock.ts';
import { asError } from '../../../../core/errors.ts';
import type { Rng } from '../../../../core/rng.ts';
import { ApiError } from '../error-codes.ts';
import type { ProxyCollection } from '../proxy-collection.ts';
import { empty, failure, plainText, type Reply } from './reply.ts';
import { matchRoute, type Match } from './routes.ts';

const HANDLER_TIMEOUT_MS = 25_000;
/** Toxiproxy has no bound; thousands of proxies in one populate fit. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const REQUEST_ID_LENGTH = 20;
const REQUEST_ID_ALPHABET = '0123456789abcdefghijklmnopqrstuv';

export interface Api {
  readonly proxies: ProxyCollection;
  readonly clock: Clock;
  /** Request ids must differ between servers, so this one is not seeded by the run. */
  readonly requestIdRng: Rng;
}

/** Answers one request; never rejects unless the request itself breaks off. */
export async function dispatch(api: Api, request: IncomingMessage): Promise<Reply> {
  const { path, query } = splitUrl(request.url ?? '/');
  const decoded = decodePath(path);
  if (decoded === undefined) return plainText(400, '400 Bad Request');
  const clean = cleanPath(decoded);
  if (clean !== decoded) return empty(301, { Location: encodeURI(clean) + query });
  const match = matchRoute(request.method ?? 'GET', decoded);
  if (match.outcome === 'unknown-path') return plainText(404, '404 page not found');
  if (match.outcome === 'wrong-method') return empty(405);
  const reply = await answer(api, request, match);
  return { ...reply, headers: { ...reply.headers, 'X-Toxiproxy-Request-Id': requestId(api.requestIdRng) } };
}

async function answer(api: Api, request: IncomingMessage, match: Match & { outcome: 'found' }): Promise<Reply> {
  // Browsers are kept out, lest a web page drives the proxies of whoever visits it.
  if (request.headers['user-agent']?.startsWith('Mozilla/') === true) return plainText(403, 'User agent not allowed');
  const body = await readBody(request);
  if (body === undefined) return plainText(413, `request body larger than ${MAX_BODY_BYTES} bytes`);
  return withinTimeout(api.clock, async () => {
    try {
      return await match.route.handler({ proxies: api.proxies, params: match.params, body });
    } catch (error) {
      return failure(error instanceof ApiError ? error : new ApiError(asError(error).message, 500, error));
    }
  });
}

/** 503 with no body when the work takes too long; the work itself goes on. */
function withinTimeout(clock: Clock, work: () => Promise<Reply>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(HANDLER_TIMEOUT_MS, () => resolve(empty(503)), { keepAlive: false });
    work().then(resolve, reject).finally(cancel);
  });
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
}

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark) };
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Without doubled slashes and dots; a slash at the end stays. */
function cleanPath(path: string): string {
  return posix.normalize(path.startsWith('/') ? path : `/${path}`);
}

function requestId(rng: Rng): string {
  let id = '';
  for (let index = 0; index < REQUEST_ID_LENGTH; index++) id += REQUEST_ID_ALPHABET[rng.integer(0, 31)];
  return id;
}
