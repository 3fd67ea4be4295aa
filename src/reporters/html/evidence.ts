import { html, type Content, type Markup } from './markup.ts';

/** Where things are shown: in this page, in the page of another run, or nowhere. */
export interface EvidenceLinks {
  event(seq: number): string | undefined;
  /** The last that was heard of a job, by its id. */
  job(jobId: string): { readonly href: string; readonly name: string } | undefined;
}

const mention = /\bseq (\d+)\b/g;

/** Events that a piece of evidence names: `seq 7`, or a sentence with `seq 7` in it. */
export function namedEvents(evidence: string): number[] {
  return [...evidence.matchAll(mention)].map(([, seq]) => Number(seq));
}

/** The evidence with each event that it names as a link, and the job that it begins with. */
export function evidenceMarkup(evidence: string, links: EvidenceLinks): Markup {
  const parts: Content[] = [];
  const [id = ''] = /^[^\s:]+/.exec(evidence) ?? [];
  const job = links.job(id);
  if (job !== undefined) parts.push(html`<a href="${job.href}">${job.name}</a>`);
  let end = job === undefined ? 0 : id.length;
  for (const match of evidence.matchAll(mention)) {
    const href = links.event(Number(match[1]));
    if (href === undefined) continue;
    parts.push(evidence.slice(end, match.index), html`<a href="${href}">event ${match[1]}</a>`);
    end = match.index + match[0].length;
  }
  return html`${parts}${evidence.slice(end)}`;
}
