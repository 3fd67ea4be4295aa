import { z } from 'zod';
import type { AgentAction } from '../action.ts';
import { BaseAgent } from '../base-agent.ts';
import type { AgentServices } from '../services.ts';

/** What triage needs to know of a business agent. */
export interface TriageCandidate {
  readonly name: string;
  readonly tier: 1 | 2 | 3 | 4;
  readonly topics: readonly string[];
}

const inputSchema = z.object({ question: z.string().max(4_000) });
export const triageAnswerSchema = z.object({
  /** Agents whose facts the report needs, most relevant first. */
  agents: z.array(z.string()),
  /** Topic words of the question that decided. */
  matched: z.array(z.string()),
  /** `broad`: nothing specific was asked, so all tiers up to 2 answer. */
  scope: z.enum(['focused', 'broad']),
});
export type TriageAnswer = z.infer<typeof triageAnswerSchema>;

/** Enough agents for a report that compares, few enough to be read. */
const focusedLimit = 6;

/**
 * Decides who is asked. Words of the question are matched with the topics of the agents; the
 * agents of tier 1 that share no topic stay out. Nothing is learnt and nothing is drawn: the same
 * question has the same answer.
 */
export function triage(question: string, candidates: readonly TriageCandidate[]): TriageAnswer {
  const words = new Set(stems(question));
  const scored = candidates
    .map((candidate) => {
      const matched = candidate.topics.filter((topic) => stems(topic).every((stem) => words.has(stem)));
      return { candidate, matched };
    })
    .filter((entry) => entry.matched.length > 0)
    .toSorted((a, b) => b.matched.length - a.matched.length || a.candidate.tier - b.candidate.tier || a.candidate.name.localeCompare(b.candidate.name, 'en'))
    .slice(0, focusedLimit);
  if (scored.length === 0) {
    return { agents: candidates.filter((candidate) => candidate.tier <= 2).map((candidate) => candidate.name), matched: [], scope: 'broad' };
  }
  return {
    agents: scored.map((entry) => entry.candidate.name),
    matched: [...new Set(scored.flatMap((entry) => entry.matched))],
    scope: 'focused',
  };
}

/** Lower case words without a plural s; enough for topics, which are single English nouns. */
function stems(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => (word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word));
}

export class TriageAgent extends BaseAgent {
  readonly name = 'triage';
  readonly #candidates: readonly TriageCandidate[];

  constructor(services: AgentServices, candidates: readonly TriageCandidate[]) {
    super(services);
    this.#candidates = candidates;
  }

  override actions(): readonly AgentAction<unknown, unknown>[] {
    const classify: AgentAction<z.infer<typeof inputSchema>, TriageAnswer> = {
      name: 'classify',
      summary: 'Which agents a question concerns',
      input: inputSchema,
      output: triageAnswerSchema,
      handle: async ({ question }) => triage(question, this.#candidates),
    };
    return [classify];
  }
}
