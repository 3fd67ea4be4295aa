import { sectionNames, type ReportDocument, type ReportResult } from '../jobs/job.ts';
import { levelOf } from './report-level.ts';
import type { ReportMaterial } from './report-material.ts';

/** Sections in the order in which a reader sees them, whatever the order of their making; nothing of the run in it but its user. */
export function makeDocument(userId: string, material: ReportMaterial, sections: readonly ReportDocument['sections'][number][]): ReportDocument {
  const content = {
    sections: [...sections].sort((left, right) => sectionNames.indexOf(left.name) - sectionNames.indexOf(right.name)),
    facts: material.facts.map((fact) => ({ ...fact })),
    missing_data: [...material.missing],
  };
  return {
    title: `Business report, ${material.period.from} to ${material.period.to}`,
    question: material.question,
    user_id: userId,
    period: { ...material.period },
    level: levelOf(content),
    ...content,
  };
}

export interface ResultFacts {
  readonly success: boolean;
  readonly correlationId: string;
  readonly resumedSections: number;
  /** Of this attempt, acknowledged. */
  readonly checkpointsSaved: number;
  /** Something other than the straight way led here. */
  readonly recovered: boolean;
}

/** D05. A report that was not finished is what there is of it, or empty; `checkpoints_used` counts those taken over and those made. */
export function makeResult(document: ReportDocument, facts: ResultFacts): ReportResult {
  return {
    success: facts.success,
    report: facts.success || document.sections.length > 0 ? document : '',
    level: document.level,
    missing_data: document.missing_data,
    recovery_performed: facts.recovered,
    checkpoints_used: facts.checkpointsSaved + facts.resumedSections,
    resumed_sections: facts.resumedSections,
    correlation_id: facts.correlationId,
  };
}
