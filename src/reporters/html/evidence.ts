import { html, type Content, type Markup } from './markup.ts';

/** Where an event is shown: in this page, in the page of another run, or nowhere. */
export type EventLink = (seq: number) => string | undefined;

const mention = /\bseq (\d+)\b/g;

/** Events that a piece of evidence names: `seq 7`, or a sentence with `seq 7` in it. */
export function namedEvents(evidence: string): number[] {
  return [...evidence.matchAll(mention)].map(([, seq]) => Number(seq));
}

/** The evidence with each event that it names as a link. */
export function evidenceMarkup(evidence: string, link: EventLink): Markup {
  const parts: Content[] = [];
  let end = 0;
  for (const match of evidence.matchAll(mention)) {
    const href = link(Number(match[1]));
    if (href === undefined) continue;
    parts.push(evidence.slice(end, match.index), html`<a href="${href}">event ${match[1]}</a>`);
    end = match.index + match[0].length;
  }
  return html`${parts}${evidence.slice(end)}`;
}
