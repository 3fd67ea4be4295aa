import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { writeAnswer } from '../../../../src/infra/embedded/llm/builtin/answer.ts';
import { fillSchema } from '../../../../src/infra/embedded/llm/builtin/fill-schema.ts';
import { readDisplay } from '../../../../src/infra/embedded/llm/builtin/display.ts';
import { parseChatRequest, type JsonSchema } from '../../../../src/infra/embedded/llm/chat-request.ts';
import { tokenize } from '../../../../src/infra/embedded/llm/tokens.ts';
import { z } from 'zod';
import { promptOf, question, sampleFacts, sectionFormat, type PromptParts, type SectionAnswer } from './sample-facts.ts';

const sections = ['summary', 'data_analysis', 'recommendations', 'action_items'];

function answer(parts: PromptParts, seed = '1'): SectionAnswer {
  const request = parseChatRequest(JSON.stringify({ model: 'm', messages: promptOf(parts), response_format: sectionFormat }));
  return JSON.parse(writeAnswer(request, createRng(seed))) as SectionAnswer;
}

function allText({ heading, paragraphs, items }: SectionAnswer): string {
  return [heading, ...paragraphs, ...items].join('\n');
}

/** Numbers as a reader sees them, thousands and decimals kept together. */
function numbersIn(text: string): string[] {
  return text.match(/\d+(?:[.,]\d+)*/g) ?? [];
}

describe('prose of the built-in model', () => {
  it.each(sections)('P01 every number in %s comes from the facts, the period or the question', (section) => {
    const known = new Set(numbersIn(`${sampleFacts.map(({ label, display }) => `${label} ${display}`).join(' ')} ${question} 2025-11-01 2026-10-31`));
    for (let seed = 0; seed < 50; seed++) {
      const text = allText(answer({ section, missing: ['risk: table absent', 'knowledge: 12 rows of 300 unreadable', 'payment 2026: no rows'] }, String(seed)));
      expect(numbersIn(text).filter((number) => !known.has(number))).toEqual([]);
    }
  });

  it('P01 data_analysis loses no fact and quotes each as it stands', () => {
    for (let seed = 0; seed < 50; seed++) {
      const text = allText(answer({ section: 'data_analysis' }, String(seed)));
      for (const fact of sampleFacts) expect(text).toContain(fact.display);
    }
  });

  it('P01 quotes what it states and orders rankings by value', () => {
    const { paragraphs } = answer({ section: 'data_analysis' });
    const orders = paragraphs.find((paragraph) => paragraph.includes('700,100.00 EUR')) ?? '';
    expect(orders.indexOf('Amazon')).toBeLessThan(orders.indexOf('Shop'));
    expect(orders.indexOf('Shop')).toBeLessThan(orders.indexOf('eBay'));
  });

  it('P01 a fact that points back is told right after what it points at, or not at all', () => {
    for (let seed = 0; seed < 30; seed++) {
      for (const section of ['summary', 'recommendations', 'action_items']) {
        expect(allText(answer({ section }, String(seed)))).not.toMatch(/these invoices|that carrier(?! (?:came|stood|amounted))/i);
      }
      const analysis = allText(answer({ section: 'data_analysis' }, String(seed)));
      expect(analysis).toMatch(/carrier with the most late parcels was NordFracht; late parcels of that carrier (came to|stood at|amounted to) 84\./i);
      expect(analysis).toMatch(/2,040.{0,80}sum of these invoices (came to|stood at|amounted to) 466,199\.55 EUR/i);
      expect(analysis).toMatch(/reason given most often for a return was “changed my mind”\./i);
    }
    expect(allText(answer({ section: 'action_items' }))).toContain('Late deliveries: 204 shipments');
    const late = sampleFacts.filter(({ id }) => id.startsWith('transport.latest'));
    expect(allText(answer({ section: 'action_items', facts: late }))).toContain('Late parcels of NordFracht: 84');
  });

  it('P01 the seed changes the wording, and the same seed repeats it', () => {
    for (const section of sections) {
      const texts = Array.from({ length: 12 }, (_, seed) => allText(answer({ section }, String(seed))));
      expect(new Set(texts).size).toBeGreaterThanOrEqual(10);
      expect(allText(answer({ section }, '3'))).toBe(texts[3]);
    }
  });

  it('P01 no sentence is said twice in an answer', () => {
    for (const section of sections) {
      for (let seed = 0; seed < 20; seed++) {
        const sentences = answer({ section }, String(seed)).paragraphs.flatMap((paragraph) => paragraph.split(/(?<=[.:]) /)).filter((sentence) => sentence.length > 12);
        expect(new Set(sentences).size).toBe(sentences.length);
      }
    }
  });

  it('P01 says plainly what is missing, and makes nothing up without facts', () => {
    for (const section of sections) {
      const text = allText(answer({ section, facts: [], missing: ['payment: table absent'] }));
      expect(text).toContain('payment (table absent)');
      expect(numbersIn(text.replaceAll(question, '').replaceAll(/2025-11-01|2026-10-31/g, ''))).toEqual([]);
    }
  });

  it('P01 advises nothing about a concern that did not arise', () => {
    const facts = [{ id: 'transport.late', agent: 'transport', label: 'Late deliveries', display: '0 shipments' }];
    expect(answer({ section: 'action_items', facts }).items).toEqual([]);
    expect(answer({ section: 'action_items', facts: [{ ...facts[0], display: '4 shipments' }] }).items[0]).toMatch(/transport.*4 shipments/);
  });

  it('P01 action items name their owner', () => {
    for (const item of answer({ section: 'action_items' }).items) expect(item).toMatch(/order|payment|transport|inventory|fraud|quality|product|customer|warehouse/);
  });

  it('P01 any facts whatever give sections that keep to them', () => {
    const word = fc.stringMatching(/^[A-Za-zÀ-ž]{1,12}( [a-zà-ž]{1,9}){0,4}$/);
    const fact = fc.record({ id: word, agent: word, label: word, display: fc.oneof(fc.integer({ min: 0, max: 99_999 }).map((value) => `${value} EUR`), word), subject: fc.option(word, { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 30 }), fc.constantFrom(...sections), fc.string(), (facts, section, seed) => {
        const text = allText(answer({ section, facts, question: 'Why?' }, seed));
        const known = new Set([...numbersIn(facts.map(({ display }) => display).join(' ')), ...numbersIn('2025-11-01 2026-10-31')]);
        expect(numbersIn(text).filter((number) => !known.has(number))).toEqual([]);
        expect(text).not.toMatch(/undefined|NaN|\[object| {2}|\.\./);
      }),
      { numRuns: 150 },
    );
  });
});

describe('displays', () => {
  it.each([
    ['1,234.56 EUR', 'number', 1234.56, 'EUR'],
    ['2,041 orders', 'number', 2041, 'order'],
    ['12.4 %', 'number', 12.4, '%'],
    ['-3 days', 'number', -3, 'day'],
    ['2026-10-31', 'date', Number.NaN, ''],
    ['4K Monitor', 'text', Number.NaN, ''],
    ['Café Crème', 'text', Number.NaN, ''],
  ])('P01 %s is read as %s', (display, kind, value, unit) => {
    expect(readDisplay(display)).toEqual({ kind, value, unit });
  });
});

describe('tokens', () => {
  it('P01 pieces join up to the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(tokenize(text).join('')).toBe(text);
    }));
  });
});

function fill(schema: object, seed: string): unknown {
  return fillSchema(schema as JsonSchema, { rng: createRng(seed), sentence: () => 'Some words.' });
}

describe('schemas of other shapes', () => {
  const cases: Record<string, z.ZodType> = {
    flat: z.object({ name: z.string(), count: z.int().min(3).max(9), share: z.number().gt(0).lt(1), ok: z.boolean(), none: z.null() }),
    optional: z.object({ a: z.string().optional(), b: z.number() }),
    enums: z.object({ level: z.enum(['low', 'high']), kind: z.literal('fixed') }),
    arrays: z.object({ tags: z.array(z.string()).min(2).max(2), numbers: z.array(z.number()).max(1), pair: z.tuple([z.string(), z.number()]) }),
    nested: z.object({ list: z.array(z.object({ id: z.int().multipleOf(5).min(11), inner: z.object({ deep: z.array(z.boolean()).min(1) }) })).min(1) }),
    union: z.object({ either: z.union([z.string(), z.number()]), maybe: z.string().nullable() }),
    lengths: z.object({ short: z.string().max(4), long: z.string().min(60) }),
    formats: z.object({ day: z.iso.date(), mail: z.email(), id: z.uuid(), link: z.url() }),
    bounds: z.object({ open: z.number().gt(0).max(0.3), negative: z.number().max(-5), above: z.int().gt(7), step: z.number().multipleOf(0.25).min(0.3) }),
    bare: z.array(z.string()),
  };
  interface Node { name: string; children: Node[] }
  const node: z.ZodType<Node> = z.object({ name: z.string(), get children() { return z.array(node); } });
  cases['recursive'] = node;

  it.each(Object.keys(cases))('P01 %s: what is filled in validates', (name) => {
    const schema = cases[name];
    if (schema === undefined) throw new Error(name);
    const json = z.toJSONSchema(schema);
    for (let seed = 0; seed < 20; seed++) expect(schema.safeParse(fill(json, String(seed))).error).toBeUndefined();
  });
});
