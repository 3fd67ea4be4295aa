import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentError } from '../../../src/fleet/agents/error-codes.ts';
import { HttpServer, type Route } from '../../../src/fleet/host/http-server.ts';
import type { Logger } from '../../../src/fleet/agents/services.ts';
import { until } from '../../helpers/until.ts';

const logged: { message: string; fields: Readonly<Record<string, unknown>> | undefined }[] = [];
const note = (message: string, fields?: Readonly<Record<string, unknown>>): void => void logged.push({ message, fields });
const logger: Logger = { debug: note, info: note, warn: note, error: note, with: () => logger };

const arrived: string[] = [];
const aborted: string[] = [];
const hanging = Promise.withResolvers<never>();
hanging.promise.catch(() => undefined);
const routes: readonly Route[] = [
  { method: 'POST', path: '/echo', open: true, handle: async (request) => ({ status: 200, body: { got: (await request.body()) ?? null } }) },
  { method: 'GET', path: '/names/*/x/*', handle: async (request) => ({ status: 200, body: [...request.segments] }) },
  { method: 'GET', path: '/open', open: true, handle: async () => ({ status: 200, body: 'text', contentType: 'text/plain' }) },
  { method: 'GET', path: '/big', handle: async () => ({ status: 200, body: { rows: 5n } }) },
  { method: 'GET', path: '/throws-text', handle: () => Promise.reject('not even an error') },
  { method: 'GET', path: '/busy', handle: () => Promise.reject(new AgentError('READ_ONLY', 'later', { retryAfterMs: 5_000 })) },
  {
    method: 'GET',
    path: '/hangs',
    handle: (request) => {
      arrived.push(request.correlationId);
      request.signal.addEventListener('abort', () => aborted.push(request.correlationId), { once: true });
      return hanging.promise;
    },
  },
];

let draining = false;
let server: HttpServer;
let port: number;
const token = 'sixteen-characters-at-least';
const url = (path: string): string => `http://127.0.0.1:${port}${path}`;
const auth = { authorization: `Bearer ${token}` };

beforeAll(async () => {
  server = new HttpServer(routes, { token, logger, draining: () => draining, bodyLimitBytes: 1_000, requestTimeoutMs: 400 });
  port = await server.listen('127.0.0.1', 0);
});
afterAll(() => server.close(AbortSignal.abort()));

/** Sends bytes as they are; everything that comes back until the connection ends or `enough` has come. */
async function raw(text: string, enough?: RegExp): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('error', (error) => {
    answer += String(error);
  });
  socket.write(text);
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('data', (data) => {
      answer += data.toString('utf8');
      if (enough?.test(answer) === true) resolve();
    });
  });
  socket.destroy();
  return answer;
}

describe('the HTTP side of a host', () => {
  it('N07 a body larger than allowed is answered with 413, whether it says so beforehand or not', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(5_000) });
    const told = await fetch(url('/echo'), { method: 'POST', body });
    expect(told.status).toBe(413);
    expect(await told.json()).toMatchObject({ error: { code: 'REQUEST_TOO_LARGE', message: expect.stringContaining('1000 bytes') } });
    const chunk = `800\r\n${'x'.repeat(0x800)}\r\n`;
    // The rest is taken and thrown away: a client that is still sending would otherwise lose the answer to a reset.
    const untold = await raw(`POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(4_000)}0\r\n\r\n`);
    expect(untold).not.toContain('ECONNRESET');
    expect(untold).toMatch(/^HTTP\/1\.1 413 /);
    expect(untold).toContain('REQUEST_TOO_LARGE');
    expect(untold).toContain('connection: close');
    const small = await fetch(url('/echo'), { method: 'POST', body: '{"a":1}' });
    expect(await small.json()).toEqual({ got: { a: 1 } });
  });

  it('N07 a body that does not come is answered with 408, and holds no connection for ever', async () => {
    const answer = await raw('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{"a"');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each([
    ['no JSON', '{"a":'],
    ['text', 'hello'],
  ])('N07 a body that is %s is answered with 400', async (_name, body) => {
    const answer = await fetch(url('/echo'), { method: 'POST', body, headers: { 'x-correlation-id': 'c-1' } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'REQUEST_INVALID', correlation_id: 'c-1' } });
  });

  it('N07 no body at all is undefined, and a connection serves many requests', async () => {
    expect(await (await fetch(url('/echo'), { method: 'POST' })).json()).toEqual({ got: null });
    for (let turn = 0; turn < 5; turn++) expect((await fetch(url('/open'))).status).toBe(200);
  });

  it.each([
    ['GET /names/a%zz/x/b HTTP/1.1', 400],
    ['GET // HTTP/1.1', 400],
    ['GET /nowhere HTTP/1.1', 404],
    ['PUT /open HTTP/1.1', 404],
    ['nonsense', 400],
  ])('N07 the request %j is answered with %d', async (line, status) => {
    expect(await raw(`${line}\r\nhost: x\r\nconnection: close\r\n${line.startsWith('GET /names') ? `authorization: Bearer ${token}\r\n` : ''}\r\n`)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('N07 segments come decoded, one each', async () => {
    expect(await (await fetch(url(`/names/${encodeURIComponent('a/b ü')}/x/y`), { headers: auth })).json()).toEqual(['a/b ü', 'y']);
    expect((await fetch(url('/names/a/b/x/y'), { headers: auth })).status).toBe(404);
  });

  it('F10 only open routes answer without the token; a wrong one of any length is refused', async () => {
    for (const given of [undefined, '', 'Bearer ', 'Bearer short', `Bearer ${token}x`, `Bearer ${'x'.repeat(token.length)}`]) {
      const answer = await fetch(url('/names/a/x/b'), given === undefined ? {} : { headers: { authorization: given } });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
    }
    expect((await fetch(url('/names/a/x/b'), { headers: auth })).status).toBe(200);
    expect((await fetch(url('/open'))).status).toBe(200);
  });

  it('N07 a handler that throws anything, or answers what is no JSON, is a 500 with a code; the server goes on', async () => {
    for (const path of ['/big', '/throws-text']) {
      const answer = await fetch(url(path), { headers: { ...auth, 'x-correlation-id': `c${path.slice(1)}` } });
      expect(answer.status).toBe(500);
      expect(await answer.json()).toMatchObject({ error: { code: 'AGENT_FAILED', correlation_id: `c${path.slice(1)}` } });
    }
    expect(logged.filter((line) => line.message === 'request failed').map((line) => line.fields?.['correlation_id'])).toEqual(expect.arrayContaining(['cbig', 'cthrows-text']));
    const busy = await fetch(url('/busy'), { headers: auth });
    expect(busy.status).toBe(503);
    expect(await busy.json()).toMatchObject({ error: { code: 'READ_ONLY', retry_after_ms: 5_000 } });
  });

  it('R08 a client that goes away aborts what was done for it', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`GET /hangs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\nx-correlation-id: gone\r\n\r\n`);
    await until(() => arrived.includes('gone'), 'the request to arrive');
    expect(aborted).toEqual([]);
    socket.destroy();
    await until(() => aborted.includes('gone'), 'the handler to be told');
  });

  it('F12 a draining host answers open routes, and the rest with 503 and a closed connection', async () => {
    draining = true;
    try {
      const refused = await fetch(url('/names/a/x/b'), { headers: auth });
      expect(refused.status).toBe(503);
      expect(refused.headers.get('connection')).toBe('close');
      expect(await refused.json()).toMatchObject({ error: { code: 'AGENT_NOT_READY', recovery: 'retry' } });
      expect((await fetch(url('/open'))).status).toBe(200);
    } finally {
      draining = false;
    }
  });

  it('F12 close waits for answers under way, until its signal cuts them off', async () => {
    const other = new HttpServer(routes, { token: undefined, logger });
    const otherPort = await other.listen('127.0.0.1', 0);
    const asking = fetch(`http://127.0.0.1:${otherPort}/hangs`, { headers: { 'x-correlation-id': 'cut-off' } }).then(
      () => 'answered',
      () => 'cut off',
    );
    await until(() => arrived.includes('cut-off'), 'the request to arrive');
    const late = new AbortController();
    let closed = false;
    const closing = other.close(late.signal).then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    late.abort();
    await closing;
    expect(await asking).toBe('cut off');
  });

  it('N07 a port that is taken is an error, not a crash', async () => {
    const other = new HttpServer(routes, { token: undefined, logger });
    await expect(other.listen('127.0.0.1', port)).rejects.toThrow(/EADDRINUSE/);
  });

  it('N05 a request that failed is logged without its query, which may hold the token', async () => {
    logged.length = 0;
    expect((await fetch(url(`/throws-text?token=${token}&x=1`))).status).toBe(500);
    expect(logged.map(({ fields }) => fields?.['path'])).toEqual(['/throws-text']);
  });
});
