import { createHash } from 'node:crypto';
import type { PageAssets } from './assets.ts';
import { html, trusted, type Content, type Markup } from './markup.ts';

export interface PageShape {
  readonly title: string;
  readonly sections: readonly { readonly id: string; readonly name: string; readonly content: Markup }[];
  readonly head: Content;
  readonly assets: PageAssets;
}

/**
 * A whole document that needs nothing but itself: a policy in it lets its own style sheet and script be used, both known
 * by their hashes, and nothing be fetched.
 */
export function page({ title, head, sections, assets }: PageShape): string {
  const policy = `default-src 'none'; style-src '${hash(assets.style)}'; script-src '${hash(assets.script)}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${trusted(assets.style)}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<div class="bar">
<nav aria-label="Sections"><ul>${sections.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<button type="button" id="theme" hidden>Colours: as the system</button>
</div>
<main id="content" tabindex="-1">
${head}
${sections.map(({ content }) => content)}
</main>
<script>${trusted(assets.script)}</script>
</body>
</html>
`.text
  }`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
