import type { Rng } from '../../../../core/rng.ts';
import type { Brief, BriefFact } from './brief.ts';
import { FactWriter, lineOf } from './fact-text.ts';
import { groupByLabel, type FactGroup } from './facts.ts';
import { capitalize, deck, enumerate, lowerFirst, missingText, periodText, topicOf } from './phrases.ts';
import type { SectionText } from './section.ts';

/** Sentences a paragraph may hold; what is left over is listed, so that no fact is lost. */
const SENTENCES = 4;

/** One paragraph an agent, in the prompt's order; every fact is in the text or in the list. */
export function writeDataAnalysis(brief: Brief, rng: Rng): SectionText {
  const writer = new FactWriter(rng.fork('facts'));
  const opener = deck(rng.fork('opener'), openers);
  const agents = [...new Set(brief.facts.map(({ agent }) => agent))];
  const listed: BriefFact[] = [];
  const paragraphs = agents.map((agent) => {
    const { sentences, left } = tellAgent(groupByLabel(brief.facts.filter((fact) => fact.agent === agent)), writer);
    listed.push(...left);
    return opened(opener()(topicOf(agent)), sentences.join(' '));
  });
  const missing = missingText(brief.missing, rng);
  return {
    heading: rng.pick(headings),
    paragraphs: [introduction(brief, agents, rng), ...paragraphs, ...(missing === undefined ? [] : [missing])],
    items: listed.map(lineOf),
  };
}

const headings = ['Data analysis', 'The figures in detail', 'What the data shows', 'Figures by area'] as const;

const openers: readonly ((topic: string) => string)[] = [
  (topic) => `On ${topic} the records are as follows.`,
  (topic) => `As to ${topic}, this is what is on record.`,
  (topic) => `The next figures concern ${topic}.`,
  (topic) => `${capitalize(topic)}:`,
  (topic) => `Then there is the matter of ${topic}.`,
  (topic) => `Turning to ${topic}:`,
  (topic) => `The data on ${topic} reads like this.`,
  (topic) => `For ${topic} the tables say this.`,
  (topic) => `A look at ${topic}:`,
  (topic) => `With regard to ${topic}:`,
];

/** After a colon the sentence goes on. */
function opened(opener: string, text: string): string {
  return `${opener} ${opener.endsWith(':') ? lowerFirst(text) : text}`;
}

function introduction(brief: Brief, agents: readonly string[], rng: Rng): string {
  const period = periodText(brief, 'between');
  if (agents.length === 0) return `No agent supplied figures${period}, so there is nothing to analyse.`;
  const areas = enumerate(agents.map(topicOf));
  return rng.pick([
    `The figures${period} are taken area by area: ${areas}.`,
    `What follows goes through ${areas}, with the figures on record${period}.`,
    `The analysis covers ${areas}. Each figure is quoted as the records${period} give it.`,
  ]);
}

function tellAgent(groups: readonly FactGroup[], writer: FactWriter): { sentences: string[]; left: BriefFact[] } {
  const sentences: string[] = [];
  const left: BriefFact[] = [];
  const singles = groups.filter(({ facts }) => facts.length === 1).map(({ facts }) => facts[0] as BriefFact);
  const lists = groups.filter(({ facts }) => facts.length > 1);
  // Room is kept for one ranking where there is any; totals come before it.
  const room = SENTENCES - Math.min(lists.length, 2);
  let next = 0;
  while (next < singles.length && sentences.length < room) {
    const [first, second] = [singles[next] as BriefFact, singles[next + 1]];
    const alone = second === undefined || (sentences.length === 0 && singles.length % 2 === 1);
    sentences.push(alone ? `${writer.clause(first)}.` : writer.pair(first, second));
    next += alone ? 1 : 2;
  }
  left.push(...singles.slice(next));
  for (const { facts } of lists) {
    if (sentences.length < SENTENCES) {
      sentences.push(writer.group(facts));
      left.push(...facts.slice(3));
    } else {
      left.push(...facts);
    }
  }
  return { sentences, left };
}
