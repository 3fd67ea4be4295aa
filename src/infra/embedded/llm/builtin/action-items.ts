import type { Rng } from '../../../../core/rng.ts';
import type { Brief } from './brief.ts';
import { lineOf } from './fact-writer.ts';
import { enumerate, missingText, periodText } from './phrases.ts';
import type { SectionText } from './section.ts';
import { conclude, type Concluded } from './themes.ts';
import { weightiestFacts } from './topics.ts';

const MOST = 8;

/** One task a theme, with the agent that owns it and the fact that calls for it. */
export function writeActionItems(brief: Brief, rng: Rng): SectionText {
  const concluded = conclude(weightiestFacts(brief), MOST);
  const style = rng.pick(styles);
  const missing = missingText(brief.missing, rng);
  return {
    heading: rng.pick(headings),
    paragraphs: [introduction(brief, concluded, rng), ...(missing === undefined ? [] : [missing])],
    items: concluded.map(({ theme, fact }) => style(rng.fork(fact.id).pick(theme.actions), fact.agent, lineOf(fact))),
  };
}

const headings = ['Action items', 'Next steps', 'To do', 'Who does what'] as const;

const styles: readonly ((action: string, owner: string, basis: string) => string)[] = [
  (action, owner, basis) => `${action}. Owner: ${owner}. Basis: ${basis}.`,
  (action, owner, basis) => `${owner} agent: ${action[0]?.toLowerCase()}${action.slice(1)} (${basis}).`,
  (action, owner, basis) => `${action} (owner: ${owner}; because of: ${basis}).`,
];

function introduction(brief: Brief, concluded: readonly Concluded[], rng: Rng): string {
  if (concluded.length === 0) {
    return rng.pick([
      `The figures${periodText(brief)} call for no action.`,
      `There is nothing to assign: no figure${periodText(brief)} calls for action.`,
    ]);
  }
  const owners = enumerate([...new Set(concluded.map(({ fact }) => fact.agent))]);
  return rng.pick([
    `Each task below has an owner and the figure that calls for it; they fall to ${owners}.`,
    `The tasks go to ${owners}. They stand in the order in which they should be begun.`,
    `What follows from the figures${periodText(brief)} is shared out among ${owners}, the most urgent first.`,
  ]);
}
