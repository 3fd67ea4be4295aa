import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { deadlineAfter } from '../../../../src/core/deadline.ts';
import { OpenAiLlm } from '../../../../src/fleet/connectors/llm/openai-llm.ts';
import type { LlmRequest } from '../../../../src/fleet/connectors/llm/llm.ts';
import { until } from '../../../helpers/until.ts';
import { createHarness, rejection, type Harness } from '../connector-harness.ts';
import { answer, chunk, done, json, ScriptedLlmServer, stream, usage } from './scripted-llm-server.ts';

let server: ScriptedLlmServer;
let harness: Harness;
let llm: OpenAiLlm;
/** Makes one attempt only: what an answer is taken for shows at once. */
let single: OpenAiLlm;

beforeAll(async () => {
  server = await ScriptedLlmServer.start();
});
afterAll(async () => server[Symbol.asyncDispose]());
beforeEach(() => {
  harness = createHarness();
  server.modelsStatus = 200;
  const options = { baseUrl: server.baseUrl, apiKey: 'secret', model: 'asked-model', answerTimeoutMs: 3_000, streamTimeouts: { firstContentMs: 300, idleMs: 200, trailerMs: 100 }, upIntervalMs: 100, downIntervalMs: 50 };
  llm = new OpenAiLlm(harness, options);
  single = new OpenAiLlm(createHarness({ retry: false, breaker: false }), options);
});
afterEach(async () => {
  await llm.close();
  await single.close();
});

const request = (more: Partial<LlmRequest> = {}): LlmRequest => ({ system: 'be brief', user: 'why?', jobId: 'job-1', userId: 'user-1', section: 'summary', attempt: 2, correlationId: 'corr-1', ...more });
function streaming(more: Partial<LlmRequest> = {}): { readonly pieces: string[]; readonly request: LlmRequest } {
  const pieces: string[] = [];
  return { pieces, request: request({ onDelta: (text) => pieces.push(text), onRestart: () => pieces.push('|'), ...more }) };
}

describe('OpenAiLlm', () => {
  it('R08 the same question has the same idempotency key, and another prompt for the same section another one', async () => {
    for (let call = 0; call < 3; call++) server.answerWith(json(200, answer('because')));
    await llm.complete(request());
    await llm.complete(request());
    await llm.complete(request({ user: 'why? These numbers were wrong: 7' }));
    const keys = server.asked.map((asked) => asked.headers['idempotency-key']);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('N02 asks with the headers that say who asks for what, and gives the whole answer with its token counts', async () => {
    server.answerWith(json(200, answer('because')));
    const schema = { name: 'section', schema: { type: 'object' } };
    expect(await llm.complete(request({ schema, maxTokens: 50 }))).toEqual({ text: 'because', model: 'served-model', finishReason: 'stop', promptTokens: 7, completionTokens: 3 });
    expect(server.asked[0]?.headers).toMatchObject({
      'authorization': 'Bearer secret',
      'x-netra-run-id': 'job-1',
      'x-netra-section': 'summary',
      'x-netra-attempt': '2',
      'x-netra-user-id': 'user-1',
      'x-correlation-id': 'corr-1',
      'idempotency-key': expect.stringMatching(/^job-1:summary:2:/),
    });
    expect(server.asked[0]?.body).toMatchObject({
      model: 'asked-model',
      user: 'user-1',
      max_tokens: 50,
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'why?' },
      ],
      response_format: { type: 'json_schema', json_schema: { name: 'section', schema: { type: 'object' } } },
    });
  });

  it('N07 ids that no header can hold are percent-encoded', async () => {
    server.answerWith(json(200, answer('ok')));
    await llm.complete(request({ userId: 'Žofie\r\nx-evil: 1' }));
    expect(server.asked[0]?.headers['x-netra-user-id']).toBe(encodeURIComponent('Žofie\r\nx-evil: 1'));
    expect(server.asked[0]?.headers['x-evil']).toBeUndefined();
  });

  it('D12 streams each piece as it comes, through awkward framing', async () => {
    const whole = Buffer.from(`: comment\r\n\r\n${chunk('Gr')}${chunk('üße, ')}${chunk('žluťoučký')}${chunk(undefined, 'stop')}${usage}${done}`);
    const slices = Array.from({ length: Math.ceil(whole.length / 7) }, (_, index) => whole.subarray(index * 7, index * 7 + 7));
    server.answerWith(stream(slices));
    const { pieces, request: asked } = streaming();
    expect(await llm.complete(asked)).toEqual({ text: 'Grüße, žluťoučký', model: 'served-model', finishReason: 'stop', promptTokens: 7, completionTokens: 3 });
    expect(pieces).toEqual(['Gr', 'üße, ', 'žluťoučký']);
    expect(server.asked[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('N07 a stream that stalls in the middle is given up, its connection is closed, and the answer is asked for again', async () => {
    server.answerWith(stream([chunk('lost')], 'open'), stream([chunk('whole'), chunk(undefined, 'stop'), done]));
    const { pieces, request: asked } = streaming({ deadline: deadlineAfter(systemClock, 8_000) });
    expect(await llm.complete(asked)).toMatchObject({ text: 'whole', finishReason: 'stop' });
    expect(pieces).toEqual(['lost', '|', 'whole']);
    await server.asked[0]?.closed;
  });

  it('N07 heartbeats and empty chunks are no content', async () => {
    server.answerWith(async (response, asked) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('some'));
      const beat = setInterval(() => response.write(`: keep-alive\n\n${chunk('')}`), 20);
      await asked.closed;
      clearInterval(beat);
    });
    const startedAt = performance.now();
    expect(await rejection(single.complete(streaming().request))).toMatchObject({ code: 'LLM_STALLED', retriable: true, maybeExecuted: true });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it.each([
    ['slow headers', (response: { socket: unknown }) => void response],
    ['headers and no content', stream([], 'open')],
  ] as const)('N07 gives up on %s', async (_, script) => {
    server.answerWith(script);
    expect(await rejection(single.complete(streaming().request))).toMatchObject({ code: 'LLM_STALLED' });
    await server.asked[0]?.closed;
  });

  it.each([
    ['a clean end without a finish reason', stream([chunk('half an ans')]), 'LLM_INCOMPLETE'],
    ['[DONE] without a finish reason', stream([chunk('half'), done]), 'LLM_INCOMPLETE'],
    ['a reset in the middle', stream([chunk('half')], 'reset'), 'LLM_UNAVAILABLE'],
    ['a data line that is not JSON', stream([chunk('half'), 'data: {"choices": [\n\n', chunk(undefined, 'stop'), done]), 'LLM_INCOMPLETE'],
    ['an error object in the stream', stream([chunk('half'), 'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n']), 'LLM_UNAVAILABLE'],
    ['a rate limit in the stream', stream([chunk('half'), 'data: {"error":{"message":"slow down","code":"rate_limit_exceeded"}}\n\n']), 'LLM_RATE_LIMITED'],
    ['an empty stream', stream([done]), 'LLM_INCOMPLETE'],
    ['a finish reason without any text', stream([chunk(undefined, 'stop'), done]), 'LLM_INCOMPLETE'],
    ['an unknown finish reason', stream([chunk('text', 'error'), done]), 'LLM_INCOMPLETE'],
  ] as const)('N07 takes no stream for an answer that has %s', async (_, script, code) => {
    server.answerWith(script);
    const error = await rejection(single.complete(streaming().request));
    expect(error).toMatchObject({ code, retriable: true, maybeExecuted: true });
  });

  it('N07 does not wait for the end of a connection that stays open after the answer', async () => {
    server.answerWith(stream([chunk('all'), chunk(undefined, 'stop')], 'open'));
    const startedAt = performance.now();
    expect(await llm.complete(streaming().request)).toMatchObject({ text: 'all', promptTokens: 0 });
    expect(performance.now() - startedAt).toBeLessThan(800);
    await server.asked[0]?.closed;
    server.answerWith(stream([chunk('all'), chunk(undefined, 'stop'), usage, done], 'open'));
    expect(await llm.complete(streaming().request)).toMatchObject({ text: 'all', promptTokens: 7 });
  });

  it.each([
    ['an empty answer', json(200, answer('')), { code: 'LLM_INCOMPLETE', retriable: true }],
    ['a null answer', json(200, answer(null)), { code: 'LLM_INCOMPLETE', retriable: true }],
    ['no finish reason', json(200, answer('text', null)), { code: 'LLM_INCOMPLETE', retriable: true }],
    ['no choices', json(200, { object: 'chat.completion', choices: [] }), { code: 'LLM_INCOMPLETE', retriable: true }],
    ['an HTML page with status 200', json(200, '<html>please log in</html>', { 'content-type': 'text/html' }), { code: 'LLM_INCOMPLETE', retriable: true }],
    ['broken JSON', json(200, '{"choices": ['), { code: 'LLM_INCOMPLETE', retriable: true }],
    ['a bad key', json(401, { error: { message: 'bad key', code: 'invalid_api_key' } }), { code: 'LLM_REFUSED', retriable: false }],
    ['an unknown model', json(404, { error: { message: 'no model', code: 'model_not_found' } }), { code: 'LLM_REFUSED', retriable: false }],
    ['too long a context', json(400, { error: { message: 'too long', code: 'context_length_exceeded', param: 'messages' } }), { code: 'LLM_REFUSED', retriable: false }],
    ['a prompt filter', json(400, { error: { message: 'no', code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } } }), { code: 'LLM_CONTENT_FILTERED', retriable: false }],
    ['no credit', json(402, { error: { message: 'pay' } }), { code: 'LLM_QUOTA_EXHAUSTED', retriable: false }],
    ['no quota, though it says 429', json(429, { error: { message: 'pay', code: 'insufficient_quota' } }), { code: 'LLM_QUOTA_EXHAUSTED', retriable: false }],
    ['a rate limit', json(429, { error: { message: 'slow', code: 'rate_limit_exceeded' } }, { 'retry-after': '7' }), { code: 'LLM_RATE_LIMITED', retriable: true, retryAfterMs: 7_000 }],
    ['a rate limit in milliseconds', json(429, {}, { 'retry-after-ms': '1500', 'retry-after': '7' }), { code: 'LLM_RATE_LIMITED', retryAfterMs: 1_500 }],
    ['a rate limit without a sensible wait', json(429, {}, { 'retry-after': 'soon' }), { code: 'LLM_RATE_LIMITED', retryAfterMs: undefined }],
    ['a server error', json(500, { error: { message: 'oops' } }), { code: 'LLM_UNAVAILABLE', retriable: true }],
    ['an overload', json(529, { error: { message: 'busy' } }), { code: 'LLM_UNAVAILABLE', retriable: true }],
    ['a proxy page', json(502, '<html>\nBad gateway</html>', { 'content-type': 'text/html' }), { code: 'LLM_UNAVAILABLE', retriable: true }],
    ['a server that forbids another try', json(503, {}, { 'x-should-retry': 'false' }), { code: 'LLM_UNAVAILABLE', retriable: false }],
  ] as const)('R11 tells what is wrong with %s', async (_, script, expected) => {
    server.answerWith(script);
    expect(await rejection(single.complete(request()))).toMatchObject(expected);
  });

  it('N07 a body that stalls after its headers is cut off at the timeout, and the connection is closed', async () => {
    server.answerWith((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"choices": [');
    });
    const startedAt = performance.now();
    expect(await rejection(llm.complete(request({ deadline: deadlineAfter(systemClock, 300) })))).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await server.asked[0]?.closed;
  });

  it.each([
    ['before the headers', () => undefined, false],
    ['in the middle of the stream', stream([chunk('some')], 'open'), true],
  ] as const)('R08 an abort %s rejects with its own reason and closes the connection', async (_, script, text) => {
    server.answerWith(script);
    const controller = new AbortController();
    const { pieces, request: asked } = streaming({ signal: controller.signal });
    const running = rejection(llm.complete(asked));
    await until(() => server.asked.length === 1 && (!text || pieces.length === 1), 'the request to be under way');
    controller.abort(new Error('the user left'));
    expect((await running).message).toBe('the user left');
    await server.asked[0]?.closed;
  });

  it('D08 hands what is for the caller to judge to the caller: length, filter, refusal', async () => {
    server.answerWith(json(200, answer('{"heading": "cut of', 'length')));
    expect(await single.complete(request())).toMatchObject({ finishReason: 'length', text: '{"heading": "cut of' });
    server.answerWith(json(200, answer(null, 'content_filter')));
    expect(await single.complete(request())).toMatchObject({ finishReason: 'content_filter', text: '' });
    server.answerWith(json(200, answer(null, 'stop', { refusal: 'I cannot' })));
    expect(await single.complete(request())).toMatchObject({ finishReason: 'content_filter' });
  });

  it('R04 a wait that no job can afford is not waited for', async () => {
    server.answerWith(json(429, {}, { 'retry-after': String(14 * 24 * 3_600) }));
    const startedAt = performance.now();
    expect(await rejection(llm.complete(request()))).toMatchObject({ code: 'LLM_RATE_LIMITED' });
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(server.asked).toHaveLength(1);
  });

  it('D10 the breaker opens after three failures; refusals of a request do not count', async () => {
    server.answerWith(json(400, { error: { message: 'no' } }));
    for (let calls = 0; calls < 4; calls++) await rejection(llm.complete(request()));
    const breaker = harness.reliability.breaker('llm');
    expect(breaker.state).toBe('closed');
    server.answerWith(json(500, {}));
    for (let calls = 0; calls < 3; calls++) await rejection(llm.complete(request({ deadline: deadlineAfter(systemClock, 150) })));
    expect(breaker.config.threshold).toBe(3);
    expect(breaker.state).toBe('open');
    const asked = server.asked.length;
    expect(await rejection(llm.complete(request()))).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(server.asked).toHaveLength(asked);
  });

  it('D11 without retries the client makes one request and no more', async () => {
    server.answerWith(json(503, {}));
    await rejection(single.complete(request()));
    expect(server.asked).toHaveLength(1);
  });

  it('F09 its state follows the server, and comes back by itself', async () => {
    llm.start();
    server.modelsStatus = 503;
    const states: boolean[] = [];
    llm.onStateChange((state) => states.push(state.up));
    await until(() => !llm.state.up, 'the model to be down');
    expect(llm.state).toMatchObject({ up: false, reason: expect.stringContaining('503') });
    // Not every gateway has a list of models.
    server.modelsStatus = 404;
    await until(() => llm.state.up, 'the model to be back');
    expect(states).toEqual([false, true]);
  });
});
