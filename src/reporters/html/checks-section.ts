import type { CheckReport, ScenarioReport } from '../chaos-report.ts';
import { evidenceMarkup, type EvidenceLinks } from './evidence.ts';
import { html, type Content, type Markup } from './markup.ts';
import { scrollTable } from './scroll-table.ts';
import { statusBadge } from './status.ts';

/** Of one check: more than this nobody follows up one by one. */
const atOnce = 8;
const atMost = 200;

/** What was judged, worst first, and the events by which it was judged. */
export function checksSection({ checks, file }: ScenarioReport, links: EvidenceLinks): Markup {
  const order = { fail: 0, unknown: 1, pass: 2 } as const;
  const sorted = checks.toSorted((a, b) => order[a.status] - order[b.status]);
  return html`<section id="checks" aria-labelledby="checks-title">
<h2 id="checks-title">Checks</h2>
${
  checks.length === 0
    ? html`<p>No check was judged.</p>`
    : scrollTable({ id: 'checks-table', className: 'checks', caption: 'What was judged, and by which events', head: ['Check', 'Status', 'What was seen', 'Evidence'], rows: sorted.map((check) => [nameCell(check, file), badge(check), check.detail, evidenceCell(check.evidence, links)]) })
}
</section>`;
}

export function badge({ status, waived }: CheckReport): Markup {
  return statusBadge(status, waived === undefined ? status : 'waived');
}

function nameCell({ name, line, waived }: CheckReport, file: string): Content {
  return [name, line !== undefined && html`<small>${file}:${line}</small>`, waived !== undefined && html`<small>waived: ${waived}</small>`];
}

function evidenceCell(evidence: readonly string[], links: EvidenceLinks): Content {
  const item = (text: string): Markup => html`<li>${evidenceMarkup(text, links)}</li>`;
  const rest = evidence.slice(atOnce);
  return [
    evidence.length > 0 && html`<ul class="evidence">${evidence.slice(0, atOnce).map(item)}</ul>`,
    rest.length > 0 && html`<details><summary>${rest.length} more</summary><ul class="evidence">${rest.slice(0, atMost).map(item)}</ul>${rest.length > atMost && html`<p>and ${rest.length - atMost} more, which the journal tells</p>`}</details>`,
  ];
}
