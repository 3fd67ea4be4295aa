import type { Rng } from '../../../../core/rng.ts';
import { writeActionItems } from './action-items.ts';
import type { Brief, SectionName } from './brief.ts';
import { writeDataAnalysis } from './data-analysis.ts';
import { writeRecommendations } from './recommendations.ts';
import { writeSummary } from './summary.ts';

export interface SectionText {
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly items: readonly string[];
}

const writers: Readonly<Record<SectionName, (brief: Brief, rng: Rng) => SectionText>> = {
  summary: writeSummary,
  data_analysis: writeDataAnalysis,
  recommendations: writeRecommendations,
  action_items: writeActionItems,
};

/** A prompt that names no section gets a summary. */
export function composeSection(brief: Brief, rng: Rng): SectionText {
  return writers[brief.section ?? 'summary'](brief, rng);
}
