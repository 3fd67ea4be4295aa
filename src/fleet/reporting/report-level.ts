import type { ReportDocument, ReportLevel, SectionName } from '../jobs/job.ts';

interface LevelRule {
  readonly level: ReportLevel;
  readonly sections: readonly SectionName[];
  /** Sections from templates at most. */
  readonly templates: number;
  readonly missingData: 'none' | 'any';
}

const all: readonly SectionName[] = ['summary', 'data_analysis', 'recommendations', 'action_items'];

/**
 * The level of a finished report follows from what is in it, not from what was intended: the first
 * row that holds. The sections named have to be there, more may be; a cached section counts as written by the
 * model; without any fact a report is FALLBACK whatever it holds.
 *
 * | level    | sections                                | from templates | missing data |
 * |----------|-----------------------------------------|----------------|--------------|
 * | FULL     | all four                                | 0              | none         |
 * | STANDARD | all four                                | at most 1      | any          |
 * | BASIC    | summary, data analysis, recommendations | at most 2      | any          |
 * | MINIMAL  | summary, data analysis                  | any            | any          |
 * | FALLBACK | any                                     | any            | any          |
 */
export const levelRules: readonly LevelRule[] = [
  { level: 'FULL', sections: all, templates: 0, missingData: 'none' },
  { level: 'STANDARD', sections: all, templates: 1, missingData: 'any' },
  { level: 'BASIC', sections: ['summary', 'data_analysis', 'recommendations'], templates: 2, missingData: 'any' },
  { level: 'MINIMAL', sections: ['summary', 'data_analysis'], templates: Infinity, missingData: 'any' },
];

export function levelOf(report: Pick<ReportDocument, 'sections' | 'facts' | 'missing_data'>): ReportLevel {
  const present = new Set(report.sections.map((section) => section.name));
  const templates = report.sections.filter((section) => section.source === 'template').length;
  const rule = levelRules.find(
    ({ sections, templates: most, missingData }) =>
      sections.every((section) => present.has(section)) && templates <= most && (missingData === 'any' || report.missing_data.length === 0),
  );
  return report.facts.length === 0 ? 'FALLBACK' : (rule?.level ?? 'FALLBACK');
}
