import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, openBrowser } from '../helpers/browser.ts';

const text = readFileSync(new URL('../../docs/sequence_diagrams.md', import.meta.url), 'utf8');
const script = fileURLToPath(new URL('../../node_modules/mermaid/dist/mermaid.min.js', import.meta.url));
const diagrams = text
  .split(/^## /m)
  .slice(1)
  .map((section) => [section.split('\n')[0] ?? '', /```mermaid\n(.*?)```/s.exec(section)?.[1] ?? ''] as const);

if (noBrowser !== undefined) process.stdout.write(`sequence diagrams are not drawn: ${noBrowser}\n`);

describe.skipIf(noBrowser !== undefined)('docs/sequence_diagrams.md in a browser', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
    await page.addScriptTag({ path: script });
  });
  afterAll(() => browser?.close());

  it.each(diagrams)('D13 %s is drawn, with every note and every participant', async (_title, source) => {
    const svg = await page.evaluate(async (diagram) => {
      const { mermaid } = globalThis as unknown as { mermaid: { initialize(settings: object): void; render(id: string, text: string): Promise<{ svg: string }> } };
      mermaid.initialize({ startOnLoad: false });
      return (await mermaid.render('drawn', diagram)).svg;
    }, source);
    const sheet = await browser.newPage();
    await sheet.setContent(svg);
    const words = await sheet.locator('svg text').allTextContents();
    const box = await sheet.locator('svg').first().boundingBox();
    await sheet.close();
    const notes = [...source.matchAll(/Note over \w+: (.+)/g)].map(([, note = '']) => note);
    const labels = [...source.matchAll(/(?:participant|actor) (\w+)(?: as (.+))?/g)].map(([, id = '', label]) => label ?? id);
    expect(notes.length).toBeGreaterThan(2);
    expect([...notes, ...labels].filter((wanted) => !words.includes(wanted))).toEqual([]);
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThan(200);
  });
});
