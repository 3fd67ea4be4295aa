import type { JournalEvent } from '../../journal/events.ts';
import type { ControlReport, RunReport, ScenarioReport } from '../chaos-report.ts';
import { levelCounts, seconds } from '../visible-text.ts';
import { badge } from './checks-section.ts';
import { controlFigures } from './charts-section.ts';
import { runCharts } from './charts/index.ts';
import { evidenceLinks } from './evidence-links.ts';
import { evidenceMarkup, type EvidenceLinks } from './evidence.ts';
import { html, type Content, type Markup } from './markup.ts';
import { siblingPage } from './run-link.ts';
import { scrollTable } from './scroll-table.ts';
import { statusBadge } from './status.ts';

/** The same scenario with resilience switched off, beside the run that the page is about. */
export function controlSection(report: ScenarioReport, control: ControlReport, events: readonly JournalEvent[] | undefined): Markup {
  const page = control.run_dir === '' ? undefined : siblingPage(report.run_dir, control.run_dir);
  const links: EvidenceLinks = page === undefined ? { event: () => undefined, job: () => undefined } : evidenceLinks(events ?? [], page);
  return html`<section id="control" aria-labelledby="control-title">
<h2 id="control-title">Without resilience</h2>
<p>The same jobs and faults with retries, breakers, checkpoints and fallbacks switched off. It has no part in the verdict.${page !== undefined && html` <a href="${page}">Its own report</a>`}</p>
${control.problem !== undefined && html`<p class="problem"><strong>The control was not finished:</strong> ${control.problem}</p>`}
${control.comparison.length === 0 ? html`<p>Resilience made no difference in figures.</p>` : html`<ul class="comparison">${control.comparison.map((line) => html`<li>${readable(line)}</li>`)}</ul>`}
${scrollTable({ id: 'control-jobs', caption: 'Jobs with resilience and without', head: ['', 'Verdict', 'Accepted', 'Reported', 'Lost', 'Duplicated', 'Resumed', 'Levels', 'Took'], rows: [jobRow('With resilience', report), jobRow('Without', control)] })}
${scrollTable({ id: 'control-checks', caption: 'Checks with resilience and without', head: ['Check', 'With resilience', 'Without', 'What was seen without', 'Evidence without'], rows: checkRows(report, control, links) })}
${events !== undefined && controlFigures(runCharts(events), page)}
</section>`;
}

function jobRow(name: string, { verdict, jobs, duration_ms }: RunReport): Content[] {
  return [name, statusBadge(verdict), jobs.accepted, jobs.reported, jobs.lost, jobs.duplicated, jobs.resumed, levelCounts(jobs.by_level), seconds(duration_ms)];
}

function checkRows(report: RunReport, control: RunReport, links: EvidenceLinks): Content[][] {
  const names = new Set([...report.checks, ...control.checks].map(({ name }) => name));
  return [...names].map((name) => {
    const [own, other] = [report, control].map(({ checks }) => checks.find((check) => check.name === name));
    const evidence = other === undefined || other.status === 'pass' ? [] : other.evidence.slice(0, 3);
    return [name, own === undefined ? '–' : badge(own), other === undefined ? '–' : badge(other), other?.detail ?? '–', evidence.length === 0 ? '–' : evidence.map((text, index) => [index > 0 && ', ', evidenceMarkup(text, links)])];
  });
}

/** `p50_ms: 6500 with resilience, …`: the names of figures are those of the JSON output. */
function readable(line: string): string {
  return line.replace(/^[a-z0-9_]+(?=: )/, (name) => name.replace(/_ms$/, ' (ms)').replaceAll('_', ' '));
}
