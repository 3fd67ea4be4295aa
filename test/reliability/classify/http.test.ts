import OpenAI from 'openai';
import { WebSocket } from 'ws';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { classifyError } from '../../../src/reliability/index.ts';
import { badServer, httpServer, rejection, type Misbehaviour } from './bad-servers.ts';

const classify = (error: unknown) => classifyError(error, systemClock);
const ask = (baseURL: string, options: { timeout?: number; signal?: AbortSignal } = {}) => {
  const client = new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0, timeout: options.timeout ?? 5_000 });
  return client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }, options.signal === undefined ? {} : { signal: options.signal });
};

const lines: readonly (readonly [Misbehaviour, object])[] = [
  ['refused', { kind: 'connection', retriable: true, maybeExecuted: false, blame: 'dependency' }],
  ['reset', { kind: 'connection', retriable: true, maybeExecuted: true, blame: 'dependency' }],
  ['closed', { kind: 'connection', retriable: true, maybeExecuted: true, blame: 'dependency' }],
  ['silent', { kind: 'timeout', retriable: true, maybeExecuted: true, blame: 'dependency' }],
];

describe('openai', () => {
  test.each(lines)('R11 openai, connection %s', async (misbehaviour, expected) => {
    await using server = await badServer(misbehaviour);
    expect(classify(await rejection(() => ask(`http://127.0.0.1:${server.port}/v1`, { timeout: 150 })))).toMatchObject(expected);
  });

  test.each([
    [400, 'invalid', false, false, 'none'],
    [401, 'auth', false, false, 'none'],
    [403, 'auth', false, false, 'none'],
    [404, 'not-found', false, false, 'none'],
    [408, 'timeout', true, false, 'dependency'],
    [409, 'conflict', false, false, 'none'],
    [422, 'invalid', false, false, 'none'],
    [429, 'rate-limit', true, false, 'not-asked'],
    [500, 'unavailable', true, true, 'dependency'],
    [502, 'unavailable', true, true, 'dependency'],
    [503, 'unavailable', true, false, 'dependency'],
    [504, 'timeout', true, true, 'dependency'],
    [529, 'unavailable', true, false, 'dependency'],
  ] as const)('R11 openai, answer %i', async (status, kind, retriable, maybeExecuted, blame) => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '7' });
      response.end(JSON.stringify({ error: { message: 'no', type: 'some_type', code: null } }));
    });
    expect(classify(await rejection(() => ask(`${server.url}/v1`)))).toEqual({ kind, retriable, maybeExecuted, blame, retryAfterMs: 7_000, source: 'http' });
  });

  test('R11 openai, a quota that is used up is no rate limit to wait for', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'quota', type: 'insufficient_quota', code: 'insufficient_quota' } }));
    });
    expect(classify(await rejection(() => ask(`${server.url}/v1`)))).toMatchObject({ kind: 'rate-limit', retriable: false });
  });

  test('R11 openai, the server’s own word on retrying counts', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(500, { 'content-type': 'application/json', 'x-should-retry': 'false' });
      response.end('{}');
    });
    expect(classify(await rejection(() => ask(`${server.url}/v1`)))).toMatchObject({ kind: 'unavailable', retriable: false });
  });

  test('R11 openai, cancelled by the caller', async () => {
    await using server = await badServer('silent');
    const caller = new AbortController();
    const failed = rejection(() => ask(`http://127.0.0.1:${server.port}/v1`, { signal: caller.signal }));
    caller.abort();
    expect(classify(await failed)).toMatchObject({ kind: 'cancelled', retriable: false, blame: 'not-asked' });
  });

  test('R11 openai, half an answer', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id":', () => response.socket?.destroy());
    });
    expect(classify(await rejection(() => ask(`${server.url}/v1`)))).toMatchObject({ kind: 'connection', maybeExecuted: true });
  });

  test('R11 openai, an answer that is no JSON', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"id":');
    });
    expect(classify(await rejection(() => ask(`${server.url}/v1`)))).toMatchObject({ kind: 'serialization', retriable: false, maybeExecuted: true });
  });

  test('R11 openai, an error event in the middle of a stream', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${JSON.stringify({ error: { message: 'overloaded', type: 'server_error' } })}\n\n`);
    });
    const client = new OpenAI({ apiKey: 'key', baseURL: `${server.url}/v1`, maxRetries: 0 });
    const error = await rejection(async () => {
      for await (const chunk of await client.chat.completions.create({ model: 'm', messages: [], stream: true })) expect(chunk).toBeDefined();
    });
    expect(classify(error)).toMatchObject({ kind: 'connection', retriable: true, maybeExecuted: true, source: 'http' });
  });
});

describe('fetch', () => {
  test.each(lines)('R11 fetch, connection %s', async (misbehaviour, expected) => {
    await using server = await badServer(misbehaviour);
    expect(classify(await rejection(() => fetch(`http://127.0.0.1:${server.port}/`, { signal: AbortSignal.timeout(150) })))).toMatchObject(expected);
  });

  test('R11 fetch, an unknown host', async () => {
    expect(classify(await rejection(() => fetch('http://no-such-host.invalid/')))).toMatchObject({ kind: 'connection', maybeExecuted: false });
  });

  test('R11 fetch, aborted without a reason', async () => {
    expect(classify(await rejection(() => fetch('http://127.0.0.1:1/', { signal: AbortSignal.abort() })))).toMatchObject({ kind: 'cancelled' });
  });

  test('R11 fetch, a body that breaks off', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.socket?.destroy());
    });
    expect(classify(await rejection(async () => (await fetch(server.url)).text()))).toMatchObject({ kind: 'connection', maybeExecuted: true });
  });

  test('R11 fetch, something that does not speak HTTP', async () => {
    await using server = await httpServer((_request, response) => void response.socket?.end('HELLO\r\n\r\n'));
    expect(classify(await rejection(() => fetch(server.url)))).toMatchObject({ kind: 'connection' });
  });

  test('R11 fetch, a wrong URL is a mistake of the caller', async () => {
    expect(classify(await rejection(() => fetch('nonsense')))).toMatchObject({ retriable: false, blame: 'none' });
    expect(classify(await rejection(() => fetch('http://127.0.0.1:25/')))).toMatchObject({ kind: 'invalid', retriable: false, blame: 'none' });
  });
});

const opened = (url: string, options: { handshakeTimeout?: number } = {}): Promise<unknown> => once(new WebSocket(url, options), 'open');

describe('ws', () => {
  test('R11 ws, connection refused', async () => {
    await using server = await badServer('refused');
    expect(classify(await rejection(() => opened(`ws://127.0.0.1:${server.port}`)))).toMatchObject({ kind: 'connection', maybeExecuted: false });
  });

  test('R11 ws, a handshake that is refused or not answered', async () => {
    await using server = await httpServer((_request, response) => response.writeHead(503).end());
    expect(classify(await rejection(() => opened(server.url.replace('http', 'ws'))))).toMatchObject({ kind: 'unavailable', retriable: true, source: 'websocket' });
    await using forbidden = await httpServer((_request, response) => response.writeHead(401).end());
    expect(classify(await rejection(() => opened(forbidden.url.replace('http', 'ws'))))).toMatchObject({ kind: 'auth', retriable: false });
    await using silent = await badServer('silent');
    expect(classify(await rejection(() => opened(`ws://127.0.0.1:${silent.port}`, { handshakeTimeout: 100 })))).toMatchObject({ kind: 'timeout', maybeExecuted: false });
  });
});
