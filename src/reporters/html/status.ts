import type { VerdictStatus } from '../../journal/events.ts';
import { html, type Markup } from './markup.ts';

const glyphs: Readonly<Record<VerdictStatus, string>> = { pass: '✔', fail: '✘', unknown: '?' };

/** Glyph, word and colour: none of them is needed to understand the others. */
export function statusBadge(status: VerdictStatus, word: string = status): Markup {
  return html`<span class="status ${status}"><span aria-hidden="true">${glyphs[status]}</span> ${word}</span>`;
}
