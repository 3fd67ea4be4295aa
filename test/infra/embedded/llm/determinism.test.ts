import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLlmGateway } from '../../../../src/infra/embedded/llm/gateway.ts';
import { promptOf, sectionFormat } from './sample-facts.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netra-llm-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Ask = (question: string) => Promise<string>;

async function withGateway<T>(seed: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  await using gateway = await startLlmGateway({ logPath: join(folder, 'log'), seed });
  const client = new OpenAI({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 });
  return await work(async (question) => {
    const answer = await client.chat.completions.create({ model: 'netra-builtin', messages: promptOf({ section: 'recommendations', question }), response_format: sectionFormat });
    return answer.choices[0]?.message.content ?? '';
  });
}

const questions = ['What sold?', 'What came back?', 'Who paid late?', 'What is next?'];

describe('determinism of the built-in model', () => {
  it('P01 same seed, same bytes: one after another, all at once and backwards', async () => {
    const inOrder = await withGateway('5', async (ask) => {
      const answers: string[] = [];
      for (const question of questions) answers.push(await ask(question));
      return answers;
    });
    const atOnce = await withGateway('5', (ask) => Promise.all(questions.map(ask)));
    const backwards = await withGateway('5', (ask) => Promise.all(questions.toReversed().map(ask)));
    expect(atOnce).toEqual(inOrder);
    expect(backwards.toReversed()).toEqual(inOrder);
    expect(new Set(inOrder).size).toBe(questions.length);
  });

  it('P01 another seed gives other bytes', async () => {
    const [one, two] = await Promise.all(['5', '6'].map((seed) => withGateway(seed, (ask) => ask('What sold?'))));
    expect(one).not.toBe(two);
  });

  it('P01 the seed of a request counts as well', async () => {
    await using gateway = await startLlmGateway({ logPath: join(folder, 'log') });
    const client = new OpenAI({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 });
    const ask = async (seed: number): Promise<string | null | undefined> =>
      (await client.chat.completions.create({ model: 'netra-builtin', messages: promptOf({ section: 'data_analysis' }), seed })).choices[0]?.message.content;
    expect(await ask(1)).toBe(await ask(1));
    expect(await ask(1)).not.toBe(await ask(2));
  });
});
