import { html, type Content, type Markup } from './markup.ts';

export interface TableShape {
  /** Unique in the page: the scrolling region is labelled by it. */
  readonly id: string;
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell of a row is its header. */
  readonly rows: readonly (readonly Content[])[];
  readonly className?: string;
}

/** A table with caption and headers that scrolls by itself, by keyboard as well, where the page is narrower. */
export function scrollTable({ id, caption, head, rows, className = '' }: TableShape): Markup {
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}">
<table class="${className}"><caption id="${id}">${caption}</caption>
<thead><tr>${head.map((cell) => (cell === '' ? html`<td></td>` : html`<th scope="col">${cell}</th>`))}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, index) => (index === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>
`)}</tbody></table></div>`;
}
