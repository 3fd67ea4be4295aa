import { sectionNames, type ReportDocument } from '../jobs/job.ts';
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
