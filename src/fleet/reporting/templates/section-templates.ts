import type { Fact } from '../../data/fact.ts';
import type { SectionContent, SectionName } from '../../jobs/job.ts';
import type { ReportMaterial } from '../report-material.ts';
import { sectionTitles } from '../generation/section-shape.ts';

/** A section's layout for one set of agents; filled with any material that has facts of these. */
export type SectionTemplate = (material: ReportMaterial) => SectionContent;

/** A section lists so many of them at most: `sectionContentSchema`. */
const maxItems = 40;
const factsPerParagraph = 8;

/**
 * Lays a section out for facts of `agents` (in the order given). Templates write figures as the facts display
 * them and no number of their own, so they are grounded by construction.
 */
export function compileTemplate(section: SectionName, agents: readonly string[]): SectionTemplate {
  const areas = agents.map((agent) => ({ agent, title: titleOf(agent) }));
  const heading = sectionTitles[section];
  return (material) => {
    const factsOf = Map.groupBy(material.facts, (fact) => fact.agent);
    const blocks = areas.map(({ agent, title }) => ({ title, facts: factsOf.get(agent) ?? [] })).filter(({ facts }) => facts.length > 0);
    const { paragraphs, items } = fillers[section](material, blocks);
    return { heading, paragraphs: paragraphs.slice(0, maxItems), items: items.slice(0, maxItems) };
  };
}

interface Block {
  readonly title: string;
  readonly facts: readonly Fact[];
}
type Filler = (material: ReportMaterial, blocks: readonly Block[]) => Pick<SectionContent, 'paragraphs' | 'items'>;

const fillers: Readonly<Record<SectionName, Filler>> = {
  summary: (material, blocks) => ({
    paragraphs: [
      blocks.length === 0
        ? `No figures could be read for ${period(material)}.`
        : `These are the leading figures for ${period(material)}, set out from the records without commentary.`,
      ...missingParagraph(material),
    ],
    items: blocks.flatMap(({ title, facts }) => facts.slice(0, 2).map((fact) => `${title}: ${statement(fact)}`)),
  }),
  data_analysis: (material, blocks) => ({
    paragraphs: [
      ...blocks.map(({ title, facts }) => `${title}: ${facts.slice(0, factsPerParagraph).map(statement).join('; ')}.`),
      ...(blocks.length === 0 ? [`There are no figures to analyse for ${period(material)}.`] : []),
      ...missingParagraph(material),
    ],
    items: [],
  }),
  recommendations: (material, blocks) => ({
    paragraphs: ['No recommendation could be written this time; these are the figures to look at first.'],
    items: [
      ...blocks.flatMap(({ title, facts }) => facts.slice(0, 1).map((fact) => `Look at ${title.toLowerCase()}: ${statement(fact)}`)),
      ...material.missing.map((line) => `Make available what is missing: ${line}`),
    ],
  }),
  action_items: (material, blocks) => ({
    paragraphs: ['No actions could be derived this time; these steps always apply.'],
    items: [
      ...blocks.map(({ title }) => `Have whoever is responsible for ${title.toLowerCase()} read the figures of that area.`),
      ...material.missing.map((line) => `Find out why this is missing: ${line}`),
      'Ask for the report again once the text service is back.',
    ],
  }),
};

function statement({ label, subject, display }: Fact): string {
  return subject === undefined ? `${label}: ${display}` : `${label} (${subject}): ${display}`;
}

function period(material: ReportMaterial): string {
  return `${material.period.from} to ${material.period.to}`;
}

function missingParagraph(material: ReportMaterial): string[] {
  return material.missing.length === 0 ? [] : [`Missing: ${material.missing.join('; ')}.`];
}

/** `order` → `Order`, `customer_service` → `Customer service`. */
function titleOf(agent: string): string {
  const words = agent.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
