import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/journal/events.ts';
import { readJournal } from '../../src/journal/reader.ts';
import type { ChaosReport, ScenarioReport } from '../../src/reporters/chaos-report.ts';
import { pageAssets } from '../../src/reporters/html/assets.ts';
import { htmlReport } from '../../src/reporters/html/run-page.ts';
import { noBrowser, openBrowser } from '../helpers/browser.ts';
import { runCli, RunningCli, temporaryFolder, type CliResult } from '../helpers/cli.ts';

if (noBrowser !== undefined) process.stdout.write(`report.html is not opened: ${noBrowser}\n`);

const schemes = ['light', 'dark'] as const;

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Whatever a page must not do: an error, a message on the console, a request. */
  readonly complaints: string[];
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let result: CliResult;
let scenario: ScenarioReport;
let reportPath: string;
const events: JournalEvent[] = [];
let browser: Browser;

beforeAll(async () => {
  folder = await temporaryFolder();
  result = await runCli(['chaos', 'redis-drop', '--infra', 'embedded', '--control', '--quiet', '--reporter', 'json,html', '--out', 'build/reports'], { cwd: folder.path });
  [scenario] = (JSON.parse(await readFile(join(folder.path, 'build', 'reports', 'netra-chaos.json'), 'utf8')) as ChaosReport).scenarios as [ScenarioReport];
  reportPath = join(folder.path, scenario.run_dir, 'report.html');
  for await (const event of readJournal(join(folder.path, scenario.run_dir, 'journal.ndjson'))) events.push(event);
  if (noBrowser === undefined) browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await folder?.[Symbol.asyncDispose]();
});

async function open(path: string, scheme: (typeof schemes)[number] = 'light', hash = ''): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 900 }, colorScheme: scheme, reducedMotion: 'reduce' });
  const complaints: string[] = [];
  const url = pathToFileURL(path).href;
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => void (complaints.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on('request', (request) => {
    if (request.url().replace(/#.*/, '') !== url) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`${url}${hash}`);
  return { page, complaints, [Symbol.asyncDispose]: () => page.close() };
}

/** Rules that are broken, each with what breaks it. The policy of the page holds for scripts in it, not for this one. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    return (await checker.run()).violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** Of each chart how many different colours it has: a blank one has one. */
function coloursOf(page: Page): Promise<number[]> {
  return page.evaluate(`[...document.querySelectorAll('.plot canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })`);
}

const picture = (page: Page): Promise<string> => page.evaluate(`document.querySelector('#chart-levels canvas').toDataURL()`);
const focused = (page: Page): Promise<string> => page.evaluate(`document.activeElement.closest('[id]')?.id + ' ' + document.activeElement.tagName`);
/** Pages are drawn again when the browser comes to it. */
const patience = { timeout: 15_000 };
const shownEvents = (page: Page): Promise<number> => page.evaluate(`document.querySelectorAll('ol.events > li:not([hidden])').length`);
const status = (page: Page): Promise<string | null> => page.locator('#filter-status').textContent();

describe('report.html on the disk', () => {
  it('P04 chaos writes it into both run folders and says where; the overview leads to them', async () => {
    expect(result.stdout).toContain(`report  ${scenario.run_dir}/report.html\n`);
    expect(result.stdout).toContain('build/reports/netra-chaos.html');
    for (const run of [scenario.run_dir, scenario.control?.run_dir ?? 'none']) {
      const { size } = await stat(join(folder.path, run, 'report.html'));
      expect(size).toBeGreaterThan(80_000);
      expect(size).toBeLessThan(3 * 2 ** 20);
      expect((await readdir(join(folder.path, run))).filter((name) => name.includes('report.html'))).toEqual(['report.html']);
    }
    const overview = await readFile(join(folder.path, 'build', 'reports', 'netra-chaos.html'), 'utf8');
    expect(overview).toContain(`href="../../${scenario.run_dir}/report.html"`);
    expect(overview).toContain(`href="../../${scenario.control?.run_dir}/report.html"`);
  });

  it('P04 a run that is interrupted has one that says so', async () => {
    await using empty = await temporaryFolder();
    await using cli = new RunningCli(['run', '--infra', 'embedded', '--jobs', '1', '--llm-latency-ms', '2000', '--out', 'run'], { cwd: empty.path });
    await cli.printed('accepted');
    cli.process.kill('SIGINT');
    expect((await cli.finished).exitCode).toBe(130);
    const text = await readFile(join(empty.path, 'run', 'report.html'), 'utf8');
    expect(text).toContain('<strong>Not finished:</strong>');
    expect(text).toContain('data-type="run.interrupted"');
  });

  it('P04 replay makes it for a run that was killed before it could, and leaves alone what is there', async () => {
    const run = join(folder.path, scenario.control?.run_dir ?? 'none');
    const [journal, summary] = await Promise.all(['journal.ndjson', 'summary.json'].map((name) => readFile(join(run, name))));
    await using copy = await temporaryFolder();
    await writeFile(join(copy.path, 'journal.ndjson'), journal ?? '');
    const replayed = () => runCli(['replay', '.'], { cwd: copy.path });
    expect((await replayed()).stdout).not.toContain('report.html');
    await writeFile(join(copy.path, 'summary.json'), summary ?? '');
    expect((await replayed()).stdout).toContain('report  report.html\n');
    expect(await readFile(join(copy.path, 'report.html'), 'utf8')).toContain('redis-drop');
    await writeFile(join(copy.path, 'report.html'), 'kept');
    await replayed();
    expect(await readFile(join(copy.path, 'report.html'), 'utf8')).toBe('kept');
  });
});

describe.skipIf(noBrowser !== undefined)('report.html in a browser', () => {
  it.each(schemes)('P04 opens from the disk without an error or a request, and its charts are painted (%s)', async (scheme) => {
    await using opened = await open(reportPath, scheme);
    const colours = await coloursOf(opened.page);
    expect(colours.length).toBeGreaterThanOrEqual(7);
    for (const count of colours) expect(count).toBeGreaterThan(3);
    const frames = await opened.page.evaluate(`[...document.querySelectorAll('#charts .u-over')].map(({ offsetLeft, offsetWidth }) => [offsetLeft, offsetWidth].join())`);
    expect(new Set(frames as string[]).size).toBe(1);
    expect(opened.complaints).toEqual([]);
  });

  it.each(schemes)('P04 breaks no rule of accessibility, nor does the overview (%s)', async (scheme) => {
    for (const path of [reportPath, join(folder.path, 'build', 'reports', 'netra-chaos.html')]) {
      await using opened = await open(path, scheme);
      await opened.page.evaluate(`document.querySelectorAll('details.table, ol.events > li:nth-child(3) details').forEach((details) => (details.open = true))`);
      expect(await violations(opened.page)).toEqual([]);
      expect(opened.complaints).toEqual([]);
    }
  });

  it('P04 is as wide as the window, down to a telephone’s', async () => {
    await using opened = await open(reportPath);
    for (const width of [1_280, 480, 340]) {
      await opened.page.setViewportSize({ width, height: 800 });
      await expect.poll(() => opened.page.evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`), patience).toBe(0);
      await expect.poll(() => opened.page.evaluate(`Math.max(...[...document.querySelectorAll('.plot .uplot')].map((plot) => plot.offsetWidth))`), patience).toBeLessThanOrEqual(width);
    }
    expect(opened.complaints).toEqual([]);
  });

  it('P04 a piece of evidence leads to its event, opened', async () => {
    await using opened = await open(reportPath);
    const { page } = opened;
    const link = page.locator('#checks .evidence a').first();
    const target = (await link.getAttribute('href'))?.slice(1) ?? '';
    await link.click();
    await page.locator(`#${target} details[open] pre`).waitFor();
    expect(JSON.parse((await page.locator(`#${target} pre`).textContent()) ?? '')).toEqual(events[Number(target.replace('event-', '')) - 1]);
    expect(await focused(page)).toBe(`${target} SUMMARY`);
    await expect.poll(() => page.evaluate(`(({ top }) => top > 0 && top < innerHeight)(document.getElementById('${target}').getBoundingClientRect())`), patience).toBe(true);
    // Once closed, the same link opens it again.
    await page.locator(`#${target} summary`).click();
    await link.click();
    await page.locator(`#${target} details[open]`).waitFor();
  });

  it('P04 by keyboard alone one gets past the navigation, and from a check to its event', async () => {
    await using opened = await open(reportPath);
    const { page } = opened;
    await page.keyboard.press('Tab');
    expect(await page.evaluate(`document.activeElement.textContent`)).toBe('To the content');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('content MAIN');
    for (let presses = 0; presses < 10 && !(await page.evaluate(`document.activeElement.matches('.evidence a')`)); presses += 1) await page.keyboard.press('Tab');
    const target = String(await page.evaluate(`document.activeElement.hash`)).slice(1);
    expect(target).toMatch(/^event-\d+$/);
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid');
    await page.keyboard.press('Enter');
    await page.locator(`#${target} details[open]`).waitFor();
    expect(await focused(page)).toBe(`${target} SUMMARY`);
    await page.keyboard.press('Enter');
    await page.locator(`#${target} details:not([open])`).waitFor();
  });

  it('P04 a click on a fault in its chart leads to its injection', async () => {
    await using opened = await open(reportPath);
    const { page } = opened;
    const injected = events.find((event) => event.type === 'fault.injected');
    const healed = events.find((event) => event.type === 'fault.healed');
    const { startMs, endMs } = JSON.parse((await page.locator('#chart-data').textContent()) ?? '') as { startMs: number; endMs: number };
    const plot = page.locator('#chart-faults .u-over');
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (box === null || injected === undefined || healed === undefined) throw new Error('no fault is drawn');
    const position = { x: (((injected.mono_ms + healed.mono_ms) / 2 - startMs) / (endMs - startMs)) * box.width, y: box.height / 2 };
    await plot.hover({ position });
    expect(await page.locator('#readout-faults').textContent()).toContain('down on redis');
    await plot.click({ position });
    await page.locator(`#event-${injected.seq} details[open]`).waitFor();
  });

  it('P04 events are filtered by type, host, job and text, and one that is asked for is shown whatever the filter', async () => {
    await using opened = await open(reportPath);
    const { page } = opened;
    const all = await shownEvents(page);
    expect(all).toBe(events.length);
    const judged = events.filter(({ type }) => type === 'check.judged');
    await page.selectOption('#filter-type', 'check.judged');
    expect(await shownEvents(page)).toBe(judged.length);
    expect(await status(page)).toBe(`${judged.length} of ${all} events`);
    await page.fill('#filter-text', 'No-Job-Lost');
    expect(await shownEvents(page)).toBe(1);
    await page.locator('#checks .evidence a').first().click();
    expect(await shownEvents(page)).toBe(all);
    await page.selectOption('#filter-host', 'reporting-1');
    expect(await shownEvents(page)).toBe(events.filter((event) => 'host' in event && event.host === 'reporting-1').length);
    await page.click('#filter-clear');
    await page.selectOption('#filter-job', 'job-1');
    expect(await shownEvents(page)).toBe(events.filter((event) => 'job_id' in event && event.job_id === `${event.run_id}-job-1`).length);
    await page.click('#filter-clear');
    expect(await status(page)).toBe(`${all} events`);
  });

  it('P04 colours follow the system until the button says otherwise, charts with them', async () => {
    await using opened = await open(reportPath, 'light');
    const { page } = opened;
    const light = await picture(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => picture(page), patience).not.toBe(light);
    const dark = await picture(page);
    await page.click('#theme');
    expect(await page.locator('#theme').textContent()).toBe('Colours: light');
    expect(await picture(page)).toBe(light);
    await page.click('#theme');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await picture(page)).toBe(dark);
    expect(opened.complaints).toEqual([]);
  });

  it('P04 a stretch of time drawn in one chart is looked at in all of them, and a double click shows the whole again', async () => {
    await using opened = await open(reportPath);
    const { page } = opened;
    const whole = await picture(page);
    const plot = page.locator('#chart-jobs .u-over');
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (box === null) throw new Error('no job is drawn');
    await page.mouse.move(box.x + box.width * 0.4, box.y + 5);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 8, { steps: 3 });
    // The chart follows the pointer frame by frame: let go before that, nothing was drawn yet.
    await expect.poll(() => page.evaluate(`document.querySelector('#chart-jobs .u-select').offsetWidth`), patience).toBeGreaterThan(box.width * 0.25);
    await page.mouse.up();
    await expect.poll(() => picture(page), patience).not.toBe(whole);
    // Also where a single click would lead to an event.
    await plot.dblclick({ position: { x: box.width / 2, y: box.height / 4 } });
    await expect.poll(() => picture(page), patience).toBe(whole);
    expect(new URL(page.url()).hash).toBe('');
  });

  it('P04 it is printed light, and is dark again afterwards', async () => {
    await using opened = await open(reportPath, 'dark');
    const { page } = opened;
    const dark = await picture(page);
    await page.evaluate(`addEventListener('beforeprint', () => (window.printed = document.querySelector('#chart-levels canvas').toDataURL()))`);
    expect((await page.pdf()).length).toBeGreaterThan(50_000);
    const printed = await page.evaluate('window.printed');
    expect(printed).toMatch(/^data:image/);
    expect(printed).not.toBe(dark);
    expect(await picture(page)).toBe(dark);
  });

  it('P04 an address with an event in it opens that event; the control’s own page is one click away', async () => {
    await using opened = await open(reportPath, 'light', '#event-5');
    await opened.page.locator('#event-5 details[open]').waitFor();
    await opened.page.getByRole('link', { name: 'Its own report' }).click();
    await opened.page.getByText('with resilience switched off').first().waitFor();
    expect(opened.page.url()).toBe(pathToFileURL(join(folder.path, scenario.control?.run_dir ?? 'none', 'report.html')).href);
  });

  it('P04 nothing that a question or a fault says is run', async () => {
    const nasty = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'><svg onload=alert(3)>`;
    const changed = JSON.parse(JSON.stringify(events).replaceAll('Redis cannot be reached', JSON.stringify(nasty).slice(1, -1))) as JournalEvent[];
    const path = join(folder.path, 'nasty.html');
    await writeFile(path, htmlReport({ report: { ...scenario, name: nasty, description: nasty }, events: changed, control: { events: changed }, assets: pageAssets().run }));
    await using opened = await open(path);
    expect(await opened.page.locator('h1').textContent()).toBe(nasty);
    expect((await coloursOf(opened.page)).length).toBeGreaterThanOrEqual(7);
    expect(opened.complaints).toEqual([]);
  });
});
