import type { Rng } from '../../../../core/rng.ts';
import type { ChatRequest } from '../chat-request.ts';
import { readBrief, type Brief } from './brief.ts';
import { fillSchema } from './fill-schema.ts';
import { looseSentence } from './phrases.ts';
import { composeSection, type SectionText } from './section.ts';

/** The text of an answer: prose from the facts in the prompt, in the shape that was asked for. */
export function writeAnswer(request: ChatRequest, rng: Rng): string {
  const brief = readBrief(request.messages);
  const section = (): SectionText => composeSection(brief, rng.fork('section'));
  if (request.responseFormat.type === 'text') return brief.facts.length === 0 && brief.section === undefined ? plainText(brief, rng) : asMarkdown(section());
  const schema = request.responseFormat.type === 'json_schema' ? request.responseFormat.schema : sectionSchema;
  if (wantsSection(schema)) {
    const { heading, paragraphs, items } = section();
    return JSON.stringify({ heading, paragraphs, items });
  }
  return JSON.stringify(fillSchema(schema, { rng: rng.fork('fill'), sentence: () => sentenceAbout(brief, rng.fork('sentence')) }));
}

const sectionSchema = {
  type: 'object',
  properties: { heading: { type: 'string' }, paragraphs: { type: 'array' }, items: { type: 'array' } },
};

function wantsSection(schema: { readonly [keyword: string]: unknown }): boolean {
  const properties = schema['properties'];
  const names = typeof properties === 'object' && properties !== null ? Object.keys(properties).sort() : [];
  return names.join() === 'heading,items,paragraphs';
}

function asMarkdown({ heading, paragraphs, items }: SectionText): string {
  const list = items.map((item) => `- ${item}`).join('\n');
  return [`## ${heading}`, ...paragraphs, ...(list === '' ? [] : [list])].join('\n\n');
}

function plainText(brief: Brief, rng: Rng): string {
  return [rng.pick(looseSentence), sentenceAbout(brief, rng)].join(' ');
}

function sentenceAbout({ question }: Brief, rng: Rng): string {
  const subject = question === '' ? 'what was asked' : `“${question}”`;
  return rng.pick([
    `Nothing in the request gives figures on ${subject}, so none are stated here.`,
    `There are no facts to report on ${subject}.`,
    `On ${subject} the request holds no data to answer from.`,
  ]);
}
