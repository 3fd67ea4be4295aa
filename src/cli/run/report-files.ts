import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobView } from '../../chaos/engine/fleet-client.ts';
import type { ReportHandling } from '../../chaos/engine/run-engine.ts';
import type { JobSpec } from '../../chaos/engine/workload.ts';
import type { Fact } from '../../fleet/data/fact.ts';
import { groundText } from '../../fleet/data/grounding.ts';
import { reportDocumentSchema } from '../../fleet/jobs/job.ts';
import { renderMarkdown } from '../../fleet/reporting/render-markdown.ts';
import type { RunFolder } from './run-folder.ts';

/**
 * Writes a finished report as `<job>.md` and `<job>.json`, and looks every number of it up among its
 * facts. A report that is only text (a foreign fleet's) is written as it is, and has no facts to look in.
 */
export async function handleReport(job: JobSpec, view: JobView, folder: RunFolder): Promise<ReportHandling> {
  const report = view.result?.report;
  const document = reportDocumentSchema.safeParse(report);
  const markdown = document.success ? renderMarkdown(document.data) : typeof report === 'string' ? report : `${JSON.stringify(report, null, 2)}\n`;
  await writeFile(join(folder.reports, `${job.name}.md`), markdown);
  await writeFile(join(folder.reports, `${job.name}.json`), `${JSON.stringify(report ?? null, null, 2)}\n`);
  const reportPath = join(folder.shown, 'reports', `${job.name}.md`);
  if (!document.success) return { sections: [], reportPath, numbers: 0, ungrounded: [] };
  const text = document.data.sections.flatMap(({ content }) => [content.heading, ...content.paragraphs, ...content.items]).join('\n');
  const { ungrounded } = groundText(text, document.data.facts as readonly Fact[], { period: job.period, question: job.question, texts: document.data.missing_data });
  return {
    sections: document.data.sections.map((section) => section.name),
    reportPath,
    numbers: (text.match(/\d+(?:[.,]\d+)*/g) ?? []).length,
    ungrounded: ungrounded.map(({ token, line, column }) => `${token} (${line}:${column})`),
  };
}
