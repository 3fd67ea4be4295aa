import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sectionContentSchema, type SectionContent } from '../../../src/fleet/jobs/job.ts';
import { RefusedOutputError, UngroundedOutputError, UnreadableOutputError } from '../../../src/fleet/reporting/error-codes.ts';
import { LlmOutputHandler } from '../../../src/fleet/reporting/generation/llm-output-handler.ts';
import { collectMaterial } from '../../../src/fleet/reporting/report-material.ts';
import { orderFacts, reportContext, sheet } from './helpers/reports.ts';

const material = collectMaterial(reportContext({ question: 'Did we sell 5,000 units?' }), [sheet('order', orderFacts)], []);
const handler = new LlmOutputHandler(material);
const read = (text: string, finishReason: 'stop' | 'length' | 'content_filter' = 'stop'): SectionContent => handler.read('summary', { text, finishReason });

const good = { heading: 'Revenue', paragraphs: ['Revenue was 1,234.56 EUR.', 'There were 2,041 orders.'], items: ['Café table: 87 units'] };
const json = JSON.stringify(good);

describe('what a model answers', () => {
  const readable: readonly (readonly [string, string, Partial<SectionContent>])[] = [
    ['is the object that was asked for', json, good],
    ['is in a fence', `\`\`\`json\n${json}\n\`\`\``, good],
    ['is in a fence that is never closed', `\`\`\`\n${json}`, good],
    ['has prose and a fence around it', `Here is your section:\n\n\`\`\`json\n${JSON.stringify(good, null, 2)}\n\`\`\`\n\nAnything else {or not}?`, good],
    ['has prose around it, with braces', `Sure {see below}! ${json} I hope that helps.`, good],
    ['begins with a byte order mark', `\uFEFF${json}`, good],
    ['has trailing commas', '{"heading": "Revenue", "paragraphs": ["Fine.",], "items": [],}', { heading: 'Revenue', paragraphs: ['Fine.'], items: [] }],
    ['has single quotes and no quotes', "{heading: 'Revenue', paragraphs: ['Fine.'], items: []}", { heading: 'Revenue', paragraphs: ['Fine.'] }],
    ['lacks commas', '{"heading": "Revenue" "paragraphs": ["One." "Two."] "items": []}', { paragraphs: ['One.', 'Two.'] }],
    ['has comments', '{"heading": "Revenue", /* note */ "paragraphs": ["Fine."], // more\n "items": []}', { paragraphs: ['Fine.'] }],
    ['has line ends within texts', '{"heading": "Revenue", "paragraphs": ["One\nline."], "items": []}', { paragraphs: ['One\nline.'] }],
    ['is a list of one object', `[${json}]`, good],
    ['is wrapped in the section’s name', JSON.stringify({ summary: good }), good],
    ['is wrapped twice', JSON.stringify({ result: { section: good } }), good],
    ['has a text instead of a list', JSON.stringify({ ...good, paragraphs: 'One.\n\nTwo.', items: '- first\n- second' }), { paragraphs: ['One.', 'Two.'], items: ['first', 'second'] }],
    ['has objects instead of texts', JSON.stringify({ ...good, items: [{ action: 'Call', owner: 'Sales' }] }), { items: ['Call: Sales'] }],
    ['has null instead of lists', JSON.stringify({ heading: 'Revenue', paragraphs: ['Fine.'], items: null }), { items: [] }],
    ['lacks lists and heading', JSON.stringify({ paragraphs: ['Fine.'] }), { heading: 'Summary', paragraphs: ['Fine.'], items: [] }],
    ['uses other names for the members', JSON.stringify({ title: 'Revenue', body: 'Fine.', bullets: ['a'] }), { heading: 'Revenue', paragraphs: ['Fine.'], items: ['a'] }],
    ['has numbers and truths for texts', JSON.stringify({ heading: 2041, paragraphs: [true, 87], items: [] }), { heading: '2041', paragraphs: ['true', '87'] }],
    ['has empty and blank texts', JSON.stringify({ heading: ' ', paragraphs: ['', '  ', 'Fine.'], items: [''] }), { heading: 'Summary', paragraphs: ['Fine.'], items: [] }],
    ['has control and override characters', JSON.stringify({ heading: 'Re\u0000ven\u202Eue', paragraphs: ['Fi\u0007ne.'], items: [] }), { heading: 'Re ven ue', paragraphs: ['Fi ne.'] }],
    ['has lone surrogates', '{"heading": "Revenue", "paragraphs": ["Fine \\ud800."], "items": []}', { paragraphs: ['Fine \uFFFD.'] }],
    ['brings a prototype along', '{"__proto__": {"heading": "x"}, "heading": "Revenue", "paragraphs": ["Fine."], "items": []}', { heading: 'Revenue' }],
    ['is far too long', JSON.stringify({ heading: 'h'.repeat(2_000), paragraphs: Array.from({ length: 500 }, () => 'Fine.'), items: [] }), { heading: 'h'.repeat(300), paragraphs: Array.from({ length: 40 }, () => 'Fine.') }],
  ];
  it.each(readable)('C13 is read where it %s', (_what, text, expected) => {
    const content = read(text);
    expect(sectionContentSchema.parse(content)).toEqual(content);
    expect(content).toMatchObject(expected);
  });

  it('C13 is mended where it is cut off, without the piece that it was cut off in', () => {
    const cutInItem = json.slice(0, json.indexOf('87'));
    expect(read(cutInItem, 'length')).toEqual({ heading: 'Revenue', paragraphs: good.paragraphs, items: [] });
    const cutInNumber = json.slice(0, json.indexOf('041'));
    expect(read(cutInNumber, 'length')).toEqual({ heading: 'Revenue', paragraphs: ['Revenue was 1,234.56 EUR.'], items: [] });
  });

  const unreadable: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['blanks', ' \n '],
    ['prose', 'Revenue was fine.'],
    ['a number', '42'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['an object of something else', '{"error": "overloaded"}'],
    ['a section without text', '{"heading": "Revenue", "paragraphs": [], "items": []}'],
    ['a page of a proxy', '<html><body>502 Bad Gateway</body></html>'],
    ['a heading that was cut off', '{"heading": "Rev'],
    ['an object cut off in its first paragraph', '{"heading": "Revenue", "paragraphs": ["Revenue was 1,2'],
  ];
  it.each(unreadable)('C13 is refused where it is %s', (_what, text) => {
    expect(() => read(text)).toThrow(UnreadableOutputError);
  });

  it('C13 that was filtered is refused as such', () => {
    expect(() => read(json, 'content_filter')).toThrow(RefusedOutputError);
  });

  it.each([
    ['in a paragraph', { ...good, paragraphs: ['Revenue was 1,234.57 EUR.'] }, '1,234.57'],
    ['in the heading', { ...good, heading: 'Up 12 %' }, '12'],
    ['in an item', { ...good, items: ['Order 300 more'] }, '300'],
  ])('C13 is refused with a number that is no fact: %s', (_where, section, number) => {
    const refused = (): unknown => read(JSON.stringify(section));
    expect(refused).toThrow(UngroundedOutputError);
    expect(refused).toThrow(number);
  });

  it('C13 may repeat the numbers of the question and of the period', () => {
    expect(read(JSON.stringify({ ...good, paragraphs: ['You asked about 5,000 units from 2025-01-01 to 2025-03-31.'] })).paragraphs).toHaveLength(1);
  });

  it('C13 whatever the text, the handler answers a valid section or one of its own errors', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json(),
      fc.string().map((inner) => `{"heading": "x", "paragraphs": [${inner}`),
      fc.nat(json.length).map((length) => json.slice(0, length)),
      fc.tuple(fc.nat(json.length), fc.string({ maxLength: 3 })).map(([at, noise]) => json.slice(0, at) + noise + json.slice(at)),
    );
    fc.assert(
      fc.property(text, (answer) => {
        try {
          expect(sectionContentSchema.safeParse(read(answer)).success).toBe(true);
        } catch (error) {
          if (!(error instanceof UnreadableOutputError || error instanceof UngroundedOutputError)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('C13 deep nesting and long texts do not bring the handler down', () => {
    const outcomes = ['['.repeat(100_000), '{"a":'.repeat(50_000), `{"paragraphs": [${'"x",'.repeat(50_000)}`, '`'.repeat(100_000), '{'.repeat(100_000)].map((text) => {
      try {
        return read(text);
      } catch (error) {
        return error;
      }
    });
    for (const outcome of outcomes) expect(outcome instanceof UnreadableOutputError || sectionContentSchema.safeParse(outcome).success).toBe(true);
  });
});
