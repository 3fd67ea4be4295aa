import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LlmGatewayOptions } from '../../../../src/infra/embedded/llm/gateway-options.ts';
import { startLlmGateway, type LlmGateway } from '../../../../src/infra/embedded/llm/gateway.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';
import { until } from '../../../helpers/until.ts';
import { promptOf, sectionFormat, type SectionAnswer } from './sample-facts.ts';

let folder: string;
const open: LlmGateway[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netra-llm-'));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
  await rm(folder, { recursive: true, force: true });
});

async function gatewayWith(options: Partial<LlmGatewayOptions> = {}): Promise<{ gateway: LlmGateway; client: OpenAI; logPath: string }> {
  const logPath = join(folder, `llm-${open.length}.ndjson`);
  const gateway = await startLlmGateway({ logPath, apiKey: 'key', seed: '7', ...options });
  open.push(gateway);
  return { gateway, client: new OpenAI({ baseURL: gateway.url, apiKey: 'key', maxRetries: 0 }), logPath };
}

const model = 'netra-builtin';

async function logLines(path: string): Promise<Record<string, unknown>[]> {
  return (await readFile(path, 'utf8')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('chat completions', () => {
  it('P01 answers the openai package in JSON with usage and finish_reason', async () => {
    const { client } = await gatewayWith();
    const answer = await client.chat.completions.create({ model, messages: promptOf(), response_format: sectionFormat });
    expect(answer).toMatchObject({ object: 'chat.completion', model, choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant' } }] });
    const section = JSON.parse(answer.choices[0]?.message.content ?? '') as SectionAnswer;
    expect(section.paragraphs[0]).toContain('1,234,567.89 EUR');
    expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0));
    expect(answer.usage?.completion_tokens).toBeGreaterThan(50);
  });

  it('P01 streams the same text, with usage in the last chunk only where it was asked for', async () => {
    const { client } = await gatewayWith();
    const whole = await client.chat.completions.create({ model, messages: promptOf(), response_format: sectionFormat });
    const stream = await client.chat.completions.create({ model, messages: promptOf(), response_format: sectionFormat, stream: true, stream_options: { include_usage: true } });
    let text = '';
    const finishes: (string | null)[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
      usage = chunk.usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(finishes).toEqual(['stop']);
    expect(usage).toEqual(whole.usage);

    const raw = await fetch(`${open[0]?.url}/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer key' }, body: JSON.stringify({ model, messages: promptOf(), stream: true }) });
    const events = (await raw.text()).split('\n\n');
    expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
    expect(events.some((event) => event.includes('usage'))).toBe(false);
    expect(raw.headers.get('content-type')).toContain('text/event-stream');
  });

  it('P01 ends at max_tokens with finish_reason length, and counts just those', async () => {
    const { client } = await gatewayWith();
    const answer = await client.chat.completions.create({ model, messages: promptOf(), max_tokens: 9 });
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(9);
    const whole = await client.chat.completions.create({ model, messages: promptOf() });
    expect(whole.choices[0]?.message.content?.startsWith(answer.choices[0]?.message.content ?? '?')).toBe(true);
  });

  it('P01 json_object gives a JSON object and wants the word JSON in the prompt', async () => {
    const { client } = await gatewayWith();
    const messages = [...promptOf(), { role: 'user' as const, content: 'Answer in JSON.' }];
    const answer = await client.chat.completions.create({ model, messages, response_format: { type: 'json_object' } });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toMatchObject({ heading: expect.any(String) as string });
    await expect(client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hello' }], response_format: { type: 'json_object' } })).rejects.toMatchObject({ status: 400, param: 'messages' });
  });

  it('P01 lists its model', async () => {
    const { client } = await gatewayWith({ model: 'house' });
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['house']);
    expect((await client.models.retrieve('house')).id).toBe('house');
    await expect(client.models.retrieve('other')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('pace', () => {
  it('P01 latency delays the first token and tokens per second the rest, by the clock', async () => {
    const clock = new VirtualClock();
    const { client } = await gatewayWith({ clock, latencyMs: 200, tokensPerSecond: 10 });
    const stream = await client.chat.completions.create({ model, messages: promptOf(), stream: true, max_tokens: 5 });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) seen.push(clock.monotonicMs());
    })();
    for (let finished = false; !finished; ) {
      await until(() => clock.pendingTimers > 0 || seen.length === 5, 'a timer or the last token');
      if (seen.length === 5) finished = true;
      else await clock.advance(50);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await reading;
    expect(seen).toHaveLength(5);
    expect(seen[0]).toBeGreaterThanOrEqual(200);
    expect(seen[4]).toBeGreaterThanOrEqual(600);
    expect(seen[4]).toBeLessThanOrEqual(800);
  });

  it('N07 generation stops when the client aborts', async () => {
    const clock = new VirtualClock();
    const { client, logPath } = await gatewayWith({ clock, tokensPerSecond: 1 });
    const cancel = new AbortController();
    const stream = await client.chat.completions.create({ model, messages: promptOf(), stream: true }, { signal: cancel.signal });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) break;
    }
    cancel.abort();
    await until(async () => (await logLines(logPath)).length === 2, 'the response line');
    expect((await logLines(logPath))[1]).toMatchObject({ type: 'response', outcome: 'client_closed', status: 200, completion_tokens: 1 });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('refusals', () => {
  it.each([
    ['no key', { headers: {} }, 401, null],
    ['a wrong key', { headers: { authorization: 'Bearer other' } }, 401, 'invalid_api_key'],
    ['no JSON', { body: '{"model":' }, 400, null],
    ['an array', { body: '[]' }, 400, null],
    ['no model', { body: '{"messages":[]}' }, 400, null],
    ['no messages', { body: '{"model":"netra-builtin"}' }, 400, 'missing_required_parameter'],
    ['empty messages', { body: '{"model":"netra-builtin","messages":[]}' }, 400, 'empty_array'],
    ['an unknown role', { body: '{"model":"netra-builtin","messages":[{"role":"king","content":""}]}' }, 400, 'invalid_value'],
    ['content of a wrong type', { body: '{"model":"netra-builtin","messages":[{"role":"user","content":7}]}' }, 400, 'invalid_type'],
    ['max_tokens 0', { body: '{"model":"netra-builtin","max_tokens":0,"messages":[{"role":"user","content":"x"}]}' }, 400, 'integer_below_min_value'],
    ['stream "yes"', { body: '{"model":"netra-builtin","stream":"yes","messages":[{"role":"user","content":"x"}]}' }, 400, 'invalid_type'],
    ['an unknown model', { body: '{"model":"gpt-4","messages":[{"role":"user","content":"x"}]}' }, 404, 'model_not_found'],
    ['too large a body', { body: 'x'.repeat(5000) }, 413, 'request_too_large'],
    ['an unknown path', { path: '/completions' }, 404, null],
    ['a wrong method', { method: 'PUT' }, 405, 'method_not_supported'],
  ])('N07 %s is answered with an OpenAI error body', async (_, request, status, code) => {
    const { gateway } = await gatewayWith({ maxBodyBytes: 4000 });
    const { path = '/chat/completions', ...init } = request as { path?: string } & RequestInit;
    const answer = await fetch(gateway.url + path, { method: 'POST', headers: { authorization: 'Bearer key' }, body: '{}', ...init });
    expect(answer.status).toBe(status);
    const { error } = (await answer.json()) as { error: { message: string; type: string; code: string | null } };
    expect(error).toMatchObject({ type: 'invalid_request_error', code });
    expect(error.message).toMatch(/\w{3}/);
  });

  it('N07 a port in use is one sentence', async () => {
    const { gateway } = await gatewayWith();
    await expect(startLlmGateway({ logPath: join(folder, 'x'), port: gateway.port })).rejects.toThrow(
      `The LLM gateway cannot listen on 127.0.0.1:${gateway.port}: the port is in use by another program; stop that or choose another port.`,
    );
  });
});

describe('log', () => {
  it('C06 names run, section and attempt of every call, in the file before the answer', async () => {
    const { client, gateway, logPath } = await gatewayWith();
    const headers = { 'x-netra-run-id': 'r1', 'x-netra-section': 'summary', 'x-netra-attempt': '2', 'x-correlation-id': 'c1' };
    await client.chat.completions.create({ model, messages: promptOf(), user: 'u1' }, { headers });
    await expect(client.chat.completions.create({ model: 'none', messages: promptOf() })).rejects.toThrow('does not exist');
    await until(async () => (await logLines(logPath)).length === 4, 'four lines');
    const lines = await logLines(logPath);
    const subject = { correlation_id: 'c1', run_id: 'r1', section: 'summary', attempt: 2, user_id: 'u1', model, stream: false };
    expect(lines[0]).toMatchObject({ seq: 1, type: 'request', ...subject });
    expect(lines[1]).toMatchObject({ seq: 2, type: 'response', ...subject, status: 200, outcome: 'completed', call_id: lines[0]?.['call_id'] });
    expect(lines[1]?.['completion_tokens']).toBeGreaterThan(10);
    expect(lines[3]).toMatchObject({ seq: 4, type: 'response', status: 404, outcome: 'error', model: 'none', run_id: null });
    const since = await (await fetch(`http://127.0.0.1:${gateway.port}/netra/log?since=2`)).text();
    expect(since).toBe((await readFile(logPath, 'utf8')).split('\n').slice(2).join('\n'));
    expect((await fetch(`http://127.0.0.1:${gateway.port}/netra/log?since=x`)).status).toBe(400);
  });

  it('C06 is read on from any line, across its index', async () => {
    const { gateway, client, logPath } = await gatewayWith();
    await Promise.all(Array.from({ length: 300 }, () => client.chat.completions.create({ model: 'none', messages: [{ role: 'user', content: 'x' }] }).catch(() => undefined)));
    await until(async () => (await logLines(logPath)).length === 600, '600 lines');
    for (const since of [0, 1, 255, 256, 257, 511, 512, 599, 600, 9999]) {
      const lines = (await (await fetch(`http://127.0.0.1:${gateway.port}/netra/log?since=${since}`)).text()).split('\n').filter(Boolean);
      expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(Array.from({ length: Math.max(0, 600 - since) }, (_, index) => since + index + 1));
    }
  });
});

describe('full disk', () => {
  it('N07 calls are answered on, and one warning says that they go unrecorded', async () => {
    const warnings: string[] = [];
    const { client } = await gatewayWith({ logPath: '/dev/full', onWarning: (message) => warnings.push(message) });
    for (let call = 0; call < 2; call++) expect((await client.chat.completions.create({ model, messages: promptOf() })).choices[0]?.finish_reason).toBe('stop');
    expect(warnings).toEqual([expect.stringMatching(/^The log of LLM calls \/dev\/full cannot be written: ENOSPC: .+\. Calls go on, but unrecorded\.$/)]);
  });
});

describe('closing', () => {
  it('F12 ends open answers, records them, and frees the port, even where a middleware hangs', async () => {
    const warnings: string[] = [];
    const { gateway, client, logPath } = await gatewayWith({ clock: new VirtualClock(), latencyMs: 60_000, onWarning: (message) => warnings.push(message), middleware: [(call, next) => (call.request.user === 'hang' ? new Promise(() => undefined) : next(call))] });
    const calls = [undefined, 'hang'].map((user) => client.chat.completions.create({ model, messages: promptOf(), ...(user === undefined ? {} : { user }) }).catch((error: unknown) => error));
    await until(async () => (await logLines(logPath)).length === 2, 'both requests');
    await gateway.close();
    expect((await logLines(logPath)).map(({ type, outcome }) => [type, outcome]).slice(2)).toEqual([['response', 'client_closed'], ['response', 'client_closed']]);
    expect(await Promise.all(calls)).toEqual([expect.any(Error), expect.any(Error)]);
    expect(warnings).toEqual([]);
    const again = await startLlmGateway({ logPath: join(folder, 'again'), port: gateway.port });
    await again.close();
  });
});

describe('middleware', () => {
  it('P02 stands between HTTP and the model: answers, delays, changes, and breaks off', async () => {
    const { client, logPath } = await gatewayWith({
      middleware: [
        async (call, next) => {
          if (call.headers['x-fault'] === 'limit') return { status: 429, headers: { 'retry-after': '7', 'content-type': 'application/json' }, body: (async function* () { yield '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}'; })(), usage: () => ({ promptTokens: null, completionTokens: null }) };
          const reply = await next(call);
          if (call.headers['x-fault'] !== 'cut') return reply;
          return { ...reply, body: (async function* () { for await (const piece of reply.body) { yield piece; throw new Error('cut'); } })() };
        },
      ],
    });
    const ask = (fault: string): Promise<unknown> =>
      (async () => {
        const stream = await client.chat.completions.create({ model, messages: promptOf(), stream: true }, { headers: { 'x-fault': fault } });
        for await (const chunk of stream) void chunk;
      })();
    await ask('none');
    await expect(ask('limit')).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    await expect(ask('cut')).rejects.toThrow(/terminated|closed|aborted|socket/i);
    await until(async () => (await logLines(logPath)).length === 6, 'six lines');
    expect((await logLines(logPath)).filter(({ type }) => type === 'response').map(({ status, outcome }) => [status, outcome])).toEqual([[200, 'completed'], [429, 'error'], [200, 'error']]);
  });
});

describe('a second address', () => {
  it('P01 the model answers there too, and what steers the gateway does not', async () => {
    const { gateway } = await gatewayWith({ alsoHost: '127.0.0.2' });
    const { host, port } = gateway.also as { host: string; port: number };
    expect(host).toBe('127.0.0.2');
    const client = new OpenAI({ baseURL: `http://${host}:${port}/v1`, apiKey: 'key', maxRetries: 0 });
    expect((await client.chat.completions.create({ model, messages: promptOf(), response_format: sectionFormat })).choices).toHaveLength(1);
    await expect(new OpenAI({ baseURL: `http://${host}:${port}/v1`, apiKey: 'wrong', maxRetries: 0 }).models.list()).rejects.toThrow(/401/);
    expect((await fetch(`http://${host}:${port}/netra/faults`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${gateway.port}/netra/faults`)).status).toBe(200);
    await gateway.close();
    await expect(fetch(`http://${host}:${port}/v1/models`)).rejects.toThrow('fetch failed');
  });

  it('N07 one that this machine does not have is one sentence, and leaves no port behind', async () => {
    await expect(gatewayWith({ alsoHost: '192.0.2.1' })).rejects.toThrow(/^The LLM gateway cannot listen on 192\.0\.2\.1:0: this machine has no such address; use 127\.0\.0\.1\.$/);
  });
});
