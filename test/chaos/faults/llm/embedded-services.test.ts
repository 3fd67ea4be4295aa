import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../infra/embedded/llm/ask.ts';
import { FaultBench } from '../fault-bench.ts';

let bench: FaultBench;
let client: OpenAI;
beforeAll(async () => {
  bench = await FaultBench.start();
  const { NETRA_LLM_BASE_URL: baseURL, NETRA_LLM_API_KEY: apiKey } = bench.infra.hostEnvironment;
  client = new OpenAI({ baseURL: baseURL as string, apiKey: apiKey as string, maxRetries: 0, logLevel: 'off' });
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());

describe('LLM faults in embedded services', () => {
  it.each([
    ['llm-rate-limit', { retry_after: '2s' }, { status: 429 }],
    ['llm-reset-mid-stream', { after_chunks: 2 }, { message: 'terminated' }],
    ['llm-hang-up', {}, { message: 'Connection error.' }],
    ['llm-invalid-json-line', {}, { name: 'SyntaxError' }],
  ])('P02 %s reaches a host through the proxy, and is gone when it is healed', async (type, parameters, error) => {
    const fault = await bench.inject(type, 'llm', parameters);
    expect((await ask(client, true).done).error).toMatchObject(error);
    await fault.heal(AbortSignal.timeout(5_000));
    expect(await fault.affected(AbortSignal.timeout(5_000))).toEqual({ unit: 'calls', count: 1 });
    expect(await ask(client, true).done).toMatchObject({ finishReason: 'stop' });
  });
});
