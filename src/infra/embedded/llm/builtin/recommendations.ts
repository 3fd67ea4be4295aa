import type { Rng } from '../../../../core/rng.ts';
import type { Brief } from './brief.ts';
import { FactWriter, lineOf } from './fact-writer.ts';
import { deck, enumerate, lowerFirst, missingText, periodText, topicOf } from './phrases.ts';
import type { SectionText } from './section.ts';
import { conclude, type Concluded } from './themes.ts';
import { weightiestFacts } from './topics.ts';

const MOST = 6;

/** Advice a theme, each with the fact that it rests on. */
export function writeRecommendations(brief: Brief, rng: Rng): SectionText {
  const concluded = conclude(weightiestFacts(brief), MOST);
  const writer = new FactWriter(rng.fork('facts'));
  const pattern = deck(rng.fork('pattern'), patterns);
  const advice = concluded.map(({ theme, fact }) => ({ fact, text: rng.fork(fact.id).pick(theme.advice) }));
  const missing = missingText(brief.missing, rng);
  return {
    heading: rng.pick(headings),
    paragraphs: [
      introduction(brief, concluded, rng),
      ...advice.map(({ text, fact }) => pattern()(text, writer.clause(fact))),
      ...(missing === undefined ? [] : [missing]),
    ],
    items: concluded.map(({ fact }) => lineOf(fact)),
  };
}

const headings = ['Recommendations', 'What to do about it', 'Where to act', 'Suggested steps'] as const;

/** As many as there are recommendations, so that none comes twice. */
const patterns: readonly ((advice: string, clause: string) => string)[] = [
  (advice, clause) => `${clause}. ${advice}.`,
  (advice, clause) => `${advice}: ${lowerFirst(clause)}.`,
  (advice, clause) => `${advice}. The reason lies in the figures: ${lowerFirst(clause)}.`,
  (advice, clause) => `${clause}; the advice is to ${lowerFirst(advice)}.`,
  (advice, clause) => `${advice}, given that ${lowerFirst(clause)}.`,
  (advice, clause) => `${advice} (${lowerFirst(clause)}).`,
];

function introduction(brief: Brief, concluded: readonly Concluded[], rng: Rng): string {
  if (concluded.length === 0) {
    return rng.pick([
      `The figures${periodText(brief)} give no ground for a recommendation.`,
      `Nothing on record${periodText(brief)} calls for a change; a recommendation would be a guess.`,
    ]);
  }
  const areas = enumerate([...new Set(concluded.map(({ fact }) => topicOf(fact.agent)))]);
  return rng.pick([
    `The recommendations concern ${areas}, in order of urgency; each names the figure that it rests on.`,
    `From the figures${periodText(brief)}, advice follows on ${areas}.`,
    `What the figures${periodText(brief)} suggest touches ${areas}. The most pressing comes first.`,
  ]);
}
