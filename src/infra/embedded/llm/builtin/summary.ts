import type { Rng } from '../../../../core/rng.ts';
import type { Brief, BriefFact } from './brief.ts';
import { FactWriter, lineOf } from './fact-writer.ts';
import { missingText, periodText } from './phrases.ts';
import type { SectionText } from './section.ts';
import { concernOf } from './themes.ts';
import { weightiest } from './topics.ts';

/** How many topics the text tells; the list below it repeats none of them. */
const TOLD = 6;
const CONCERNS = 4;
const LISTED = 4;

/** What matters most: the weightiest facts, then what calls for attention, then what could not be seen. */
export function writeSummary(brief: Brief, rng: Rng): SectionText {
  const topics = weightiest(brief);
  const told = topics.slice(0, TOLD);
  const concerns = topics.slice(TOLD).filter(({ facts: [first] }) => first !== undefined && concernOf(first) !== undefined).slice(0, CONCERNS);
  const writer = new FactWriter(rng.fork('facts'));
  const paragraphs = [
    `${opening(brief, rng)} ${told.length === 0 ? nothing(rng) : writer.tell(told).text}`,
    concerns.length === 0 ? undefined : `${rng.pick(attention)} ${writer.tell(concerns).text}`,
    missingText(brief.missing, rng),
  ].filter((paragraph) => paragraph !== undefined);
  const items = topics.slice(TOLD).filter((topic) => !concerns.includes(topic)).slice(0, LISTED);
  return { heading: rng.pick(headings), paragraphs, items: items.map(({ facts }) => lineOf(facts.at(-1) as BriefFact)) };
}

const headings = ['Summary', 'What matters most', 'At a glance', 'The main points', 'In brief'] as const;

const attention = [
  'Some of the figures call for attention.',
  'Not all of it can be left as it is.',
  'There is also something to watch.',
  'The other side has to be told as well.',
] as const;

function opening(brief: Brief, rng: Rng): string {
  const period = periodText(brief);
  if (brief.question === '') {
    return rng.pick([
      `The records${period} come down to a few figures.`,
      `These are the figures${period} that weigh most.`,
      `This is what the records${period} show.`,
    ]);
  }
  return rng.pick([
    `The question was: “${brief.question}” The records${period} answer it with the figures below.`,
    `Asked “${brief.question}”, the records${period} give the following picture.`,
    `“${brief.question}” This is what the figures${period} say.`,
    `This summary answers “${brief.question}” from the records${period}.`,
  ]);
}

function nothing(rng: Rng): string {
  return rng.pick([
    'No facts could be gathered, so there is nothing to report yet.',
    'The agents could supply no facts, and none are made up here.',
  ]);
}
