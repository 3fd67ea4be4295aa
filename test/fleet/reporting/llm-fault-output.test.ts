import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentServices } from '../../../src/fleet/agents/services.ts';
import { OpenAiLlm } from '../../../src/fleet/connectors/llm/openai-llm.ts';
import type { SectionContent } from '../../../src/fleet/jobs/job.ts';
import { SectionWriter } from '../../../src/fleet/reporting/generation/section-writer.ts';
import { collectMaterial } from '../../../src/fleet/reporting/report-material.ts';
import { FaultGateway } from '../../infra/embedded/llm/fault-gateway.ts';
import { createHarness } from '../connectors/connector-harness.ts';
import { orderFacts, paymentFacts, reportContext, sheet } from './helpers/reports.ts';

let gateway: FaultGateway;
let llm: OpenAiLlm;
let clean: SectionContent;

beforeAll(async () => {
  gateway = await FaultGateway.start();
  llm = new OpenAiLlm(createHarness(), { baseUrl: gateway.gateway.url, apiKey: 'key', model: 'netra-builtin' });
  clean = (await write('clean')).content as SectionContent;
});
afterAll(async () => {
  await llm.close();
  await gateway[Symbol.asyncDispose]();
});

interface Written {
  readonly content?: SectionContent;
  readonly error?: Error & { readonly code?: string };
  /** Why the model was asked a second time. */
  readonly askedAgain: readonly (string | undefined)[];
}

/** One section by the fleet's own writer, over the fleet's own connector. */
async function write(jobId: string): Promise<Written> {
  const context = reportContext({ jobId });
  const material = collectMaterial(context, [sheet('order', orderFacts), sheet('payment', paymentFacts)], []);
  const services = { llm, metrics: { count: () => undefined }, config: { resilience: { retry: true } } } as unknown as AgentServices;
  const askedAgain: (string | undefined)[] = [];
  const onAskedAgain = (error: Error & { code?: string }): void => void askedAgain.push(error.code);
  try {
    return { content: await new SectionWriter(services, context, material).write({ section: 'data_analysis', written: [], attempt: 1, signal: new AbortController().signal, onAskedAgain }), askedAgain };
  } catch (error) {
    return { error: error as Error, askedAgain };
  }
}

/** Spoils the first answer to a job of its own. */
async function writeUnder(type: string, parameters: object = {}): Promise<Written> {
  await gateway.put({ id: type, type, ...parameters, trigger: { first: 1 } });
  const written = await write(`${type}-job`);
  expect(await gateway.affected(type)).toBe(1);
  return written;
}

function numbersIn(content: SectionContent | undefined): string[] {
  return JSON.stringify(content).match(/\d[\d,.]*\d/g) ?? [];
}

describe('a section, when the model answers badly once', () => {
  it('C13 is made from facts, to begin with', () => {
    expect(clean.paragraphs.length + clean.items.length).toBeGreaterThan(1);
    expect(JSON.stringify(clean)).toContain('1,234.56 EUR');
  });

  it.each(['fenced-json', 'prose-around-json', 'wrong-model', 'missing-usage', 'awkward-framing', 'linger-after-done'])('C13 is read at once through %s', async (type) => {
    expect(await writeUnder(type)).toEqual({ content: clean, askedAgain: [] });
  });

  it.each([
    ['wrong-schema', { as: 'object' }, 'REPORT_OUTPUT_UNREADABLE'],
    ['wrong-schema', { as: 'array' }, 'REPORT_OUTPUT_UNREADABLE'],
    ['wrong-schema', { as: 'string' }, 'REPORT_OUTPUT_UNREADABLE'],
    ['wrong-schema', { as: 'number' }, 'REPORT_OUTPUT_UNREADABLE'],
    ['wrong-schema', { as: 'null' }, 'REPORT_OUTPUT_UNREADABLE'],
    ['truncated-json', { share: 0.02 }, 'REPORT_OUTPUT_UNREADABLE'],
  ])('C13 is asked for again after %s %j', async (type, parameters, code) => {
    const { content, askedAgain } = await writeUnder(type, parameters);
    expect(askedAgain).toEqual([code]);
    expect(content?.paragraphs).not.toEqual([]);
  });

  it.each(Array.from({ length: 12 }, (_, seed) => String(seed)))('C13 a wrong figure is noticed, whichever it is (seed %s)', async (seed) => {
    const { content, askedAgain } = await writeUnder('wrong-value', { seed });
    expect(askedAgain).toEqual(['REPORT_OUTPUT_UNGROUNDED']);
    expect(content).toBeDefined();
  });

  it.each([
    ['content-filter', {}],
    ['content-filter', { share: 0.6 }],
    ['refusal', {}],
  ])('C13 is not asked for again where the model declines (%s %j)', async (type, parameters) => {
    expect(await writeUnder(type, parameters)).toMatchObject({ error: { code: 'REPORT_OUTPUT_REFUSED' }, askedAgain: [] });
  });

  const shares = Array.from({ length: 18 }, (_, index) => (index + 1) / 20);
  it.each(['truncated-json', 'length-stop'])('C13 holds no half sentence and no half number, wherever the answer is cut off (%s)', async (type) => {
    let mended = 0;
    for (const share of shares) {
      const { content, askedAgain } = await writeUnder(type, { share });
      if (askedAgain.length > 0) continue;
      mended++;
      for (const text of [...(content?.paragraphs ?? []), ...(content?.items ?? [])]) expect([...clean.paragraphs, ...clean.items]).toContain(text);
    }
    expect(mended).toBeGreaterThan(3);
  });

  it.each(['duplicate-chunk', 'reordered-chunk'])('C13 holds no number that is no fact after a %s, wherever it is', async (type) => {
    const known = new Set(numbersIn(clean));
    for (const chunk of [1, 2, 3, 5, 8, 13]) {
      const { content, error, askedAgain } = await writeUnder(type, { chunk });
      expect(error).toBeUndefined();
      const strange = numbersIn(content).filter((number) => !known.has(number));
      expect(askedAgain.length === 0 ? strange : []).toEqual([]);
    }
  });
});
