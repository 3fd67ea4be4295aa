import type { Rng } from '../../../../core/rng.ts';
import type { Brief, BriefFact } from './brief.ts';
import { FactWriter, lineOf } from './fact-writer.ts';
import { capitalize, deck, enumerate, lowerFirst, missingText, periodText, topicOf } from './phrases.ts';
import type { SectionText } from './section.ts';
import { topicsOf } from './topics.ts';

/** Sentences a paragraph may hold; what is left over is listed, so that no fact is lost. */
const SENTENCES = 7;

/** One paragraph an agent, in the prompt's order; every fact is in the text or in the list. */
export function writeDataAnalysis(brief: Brief, rng: Rng): SectionText {
  const writer = new FactWriter(rng.fork('facts'));
  const opener = deck(rng.fork('opener'), openers);
  const agents = [...new Set(brief.facts.map(({ agent }) => agent))];
  const listed: BriefFact[] = [];
  const paragraphs = agents.map((agent) => {
    const { text, left } = writer.tell(topicsOf(brief.facts.filter((fact) => fact.agent === agent)), SENTENCES);
    listed.push(...left);
    return opened(opener()(topicOf(agent)), text);
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
