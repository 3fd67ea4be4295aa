import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LlmGatewayOptions } from '../../../../src/infra/embedded/llm/gateway-options.ts';
import { startLlmGateway, type LlmGateway } from '../../../../src/infra/embedded/llm/gateway.ts';
import { until } from '../../../helpers/until.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';

interface Seen {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

let folder: string;
let upstream: Server;
let seen: Seen[];
let respond: (request: Seen, response: ServerResponse) => void;
const gateways: LlmGateway[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netra-forward-'));
  seen = [];
  upstream = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
      const call = { path: request.url ?? '', headers: request.headers, body };
      seen.push(call);
      respond(call, response);
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

function upstreamUrl(): string {
  return `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
}

async function forwarding(forward: Partial<NonNullable<LlmGatewayOptions['forward']>> = {}, options: Partial<LlmGatewayOptions> = {}): Promise<{ client: OpenAI; logPath: string }> {
  const logPath = join(folder, 'log.ndjson');
  const gateway = await startLlmGateway({ logPath, apiKey: 'run-key', forward: { baseUrl: upstreamUrl(), apiKey: 'real-key', ...forward }, ...options });
  gateways.push(gateway);
  return { client: new OpenAI({ baseURL: gateway.url, apiKey: 'run-key', maxRetries: 0 }), logPath };
}

async function lastLine(path: string): Promise<Record<string, unknown>> {
  const response = (): Promise<string | undefined> => readFile(path, 'utf8').then((text) => text.trim().split('\n').findLast((line) => line.includes('"type":"response"')));
  await until(async () => (await response()) !== undefined, 'a response line');
  return JSON.parse((await response()) ?? '') as Record<string, unknown>;
}

const messages = [{ role: 'user' as const, content: 'Hello' }];
const frame = { id: 'up-1', object: 'chat.completion', created: 1, model: 'big' };

function eventOf(choices: object[], usage?: object): string {
  return `data: ${JSON.stringify({ ...frame, object: 'chat.completion.chunk', choices, ...(usage && { usage }) })}\n\n`;
}

describe('forwarding to a real model', () => {
  it('P01 passes the request on under the upstream name and key, and the answer back as it is', async () => {
    const text = JSON.stringify({ ...frame, choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hi' } }], usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 }, extra: [1] });
    respond = (_, response) => response.writeHead(200, { 'content-type': 'application/json', 'x-ratelimit-remaining-tokens': '9' }).end(text);
    const { client, logPath } = await forwarding({ models: { house: 'big-2026' } });
    const { data, response } = await client.chat.completions.create({ model: 'house', messages, temperature: 0.3 }).withResponse();
    expect(JSON.stringify(data).startsWith(text.slice(0, -1))).toBe(true);
    expect(response.headers.get('x-ratelimit-remaining-tokens')).toBe('9');
    expect(seen[0]).toMatchObject({ path: '/v1/chat/completions', body: { model: 'big-2026', temperature: 0.3, messages } });
    expect(seen[0]?.headers['authorization']).toBe('Bearer real-key');
    expect(JSON.stringify(seen[0]?.headers)).not.toContain('run-key');
    expect(await lastLine(logPath)).toMatchObject({ status: 200, outcome: 'completed', prompt_tokens: 3, completion_tokens: 1, model: 'house' });
    expect(await readFile(logPath, 'utf8')).not.toMatch(/real-key|run-key/);
  });

  it('P01 streams pieces on before the upstream has finished', async () => {
    let finish: (() => void) | undefined;
    respond = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(eventOf([{ index: 0, delta: { content: 'first' }, finish_reason: null }]));
      finish = () => response.end(`${eventOf([{ index: 0, delta: {}, finish_reason: 'stop' }])}${eventOf([], { prompt_tokens: 5, completion_tokens: 2 })}data: [DONE]\n\n`);
    };
    const { client, logPath } = await forwarding();
    const stream = await client.chat.completions.create({ model: 'big', messages, stream: true, stream_options: { include_usage: true } });
    const finishes: unknown[] = [];
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content === 'first') finish?.();
      finishes.push(chunk.choices[0]?.finish_reason);
    }
    expect(finishes).toEqual([null, 'stop', undefined]);
    expect(await lastLine(logPath)).toMatchObject({ stream: true, outcome: 'completed', prompt_tokens: 5, completion_tokens: 2 });
  });

  it('P01 upstream errors come back with their status, headers and body', async () => {
    respond = (_, response) => response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '3' }).end('{"error":{"message":"slow","type":"x","code":"rate_limit_exceeded"}}');
    const { client, logPath } = await forwarding();
    const failure = await client.chat.completions.create({ model: 'big', messages }).catch((error: unknown) => error as InstanceType<typeof OpenAI.APIError>);
    expect(failure).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect((failure as InstanceType<typeof OpenAI.APIError>).headers?.get('retry-after')).toBe('3');
    expect(await lastLine(logPath)).toMatchObject({ status: 429, outcome: 'error' });
  });

  it('N07 a dead upstream is a 502 with one sentence', async () => {
    const { client, logPath } = await forwarding({ baseUrl: 'http://127.0.0.1:9/v1' });
    await expect(client.chat.completions.create({ model: 'big', messages })).rejects.toMatchObject({
      status: 502,
      code: 'upstream_unavailable',
      message: expect.stringMatching(/The model server at http:\/\/127\.0\.0\.1:9\/v1 did not answer: .+\. Check that it runs and that the address is right\.$/) as string,
    });
    await expect(client.models.list()).rejects.toMatchObject({ status: 502 });
    expect(await lastLine(logPath)).toMatchObject({ status: 502, outcome: 'error', prompt_tokens: null });
  });

  it('N07 an upstream that is lost in the middle of an answer breaks the answer off', async () => {
    respond = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ ...frame, choices: [{ index: 0, delta: { content: 'half' } }] })}\n\n`);
      setImmediate(() => response.destroy());
    };
    const { client, logPath } = await forwarding();
    const reading = (async () => {
      for await (const chunk of await client.chat.completions.create({ model: 'big', messages, stream: true })) void chunk;
    })();
    await expect(reading).rejects.toThrow(/terminated|connection|socket/i);
    expect(await lastLine(logPath)).toMatchObject({ status: 200, outcome: 'error' });
  });

  it('R08 a client that leaves ends the upstream call', async () => {
    let upstreamClosed = false;
    respond = (_, response) => response.once('close', () => (upstreamClosed = true));
    const { client, logPath } = await forwarding();
    const cancel = new AbortController();
    const call = client.chat.completions.create({ model: 'big', messages }, { signal: cancel.signal });
    await until(() => seen.length === 1, 'the upstream call');
    cancel.abort();
    await expect(call).rejects.toThrow('aborted');
    await until(() => upstreamClosed, 'the upstream connection to close');
    expect(await lastLine(logPath)).toMatchObject({ status: null, outcome: 'client_closed' });
  });

  it('R08 an upstream that never answers is given up at the timeout', async () => {
    respond = () => undefined;
    const clock = new VirtualClock();
    const { client } = await forwarding({ timeoutMs: 1000 }, { clock });
    const call = client.chat.completions.create({ model: 'big', messages });
    call.catch(() => undefined);
    await until(() => seen.length === 1, 'the upstream call');
    await clock.advance(1000);
    await expect(call).rejects.toMatchObject({ status: 502, message: expect.stringContaining('no complete answer within 1000 ms') as string });
    expect(clock.pendingTimers).toBe(0);
  });

  it('P01 without a name, the first model that the upstream lists is asked', async () => {
    respond = ({ path }, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(path.endsWith('/models') ? { data: [{ id: 'llama' }, { id: 'other' }] } : { ...frame, choices: [] }));
    };
    const { client } = await forwarding({ models: { default: null } });
    await client.chat.completions.create({ model: 'default', messages });
    await client.chat.completions.create({ model: 'default', messages });
    expect(seen.map(({ path, body }) => [path, body['model']])).toEqual([['/v1/models', undefined], ['/v1/chat/completions', 'llama'], ['/v1/chat/completions', 'llama']]);
    expect((await client.models.list()).data).toHaveLength(2);
  });
});
