import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { pageAssets } from '../../../src/reporters/html/assets.ts';
import { htmlReport } from '../../../src/reporters/html/run-page.ts';
import { hostile, hostileScenario, scenario } from '../sample-report.ts';
import { journalOf, outage, runId, started } from './journal.ts';

const assets = pageAssets().run;
const checks = [
  { name: 'no-job-lost', status: 'pass', detail: '1 accepted, 1 reported', evidence: [`${runId}-job-1: 1 section`] },
  { name: 'breaker', status: 'fail', detail: 'opened', evidence: ['seq 8', 'seq 8: again after seq 16', 'seq 999'], line: 12, waived: 'known' },
] as const;
const control = { ...scenario({ verdict: 'fail', run_dir: '.netra/runs/other', checks: [{ name: 'breaker', status: 'fail', detail: 'never opened', evidence: ['seq 3'] }] }), comparison: ['p50_ms: 3 with resilience, 9 without'] };
const page = htmlReport({ report: scenario({ verdict: 'fail', checks, control }), events: outage, control: { events: outage }, assets });
/** Without style and scripts, of which charts' data is one. */
const body = page.replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, '');
const jsonOf = (id: string, text = page): unknown => JSON.parse(new RegExp(`id="${id}">(.*?)</script>`, 's').exec(text)?.[1] ?? 'null');

describe('report.html', () => {
  it('P04 says the verdict by word, glyph and colour, what was run and how to run it again', () => {
    expect(body).toContain('<span class="status fail"><span aria-hidden="true">✘</span> fail</span>');
    for (const text of ['redis-drop', 'Redis vanishes while reports are written.', 'embedded services', '12.35 s', '1 of 2 checks did not pass', 'netra-resilience 0.1.0']) expect(body).toContain(text);
    expect(body.replaceAll(/<\/?span>/g, '')).toContain('npx netra-resilience chaos redis-drop --seed 1 --infra embedded --control');
  });

  it('P04 evidence leads to the event that it names, and to a job’s report; what is not in the journal is no link', () => {
    expect(body).toContain('<a href="#event-8">event 8</a>: again after <a href="#event-16">event 16</a>');
    expect(body).toContain('<a href="#event-18">job-1</a>: 1 section');
    expect(body).toContain('<li>seq 999</li>');
    for (const [, seq] of body.matchAll(/href="#event-(\d+)"/g)) expect(body).toContain(`<li id="event-${seq}"`);
    expect(body).toContain('waived: known');
    expect(body).toContain('scenarios/redis-drop.yaml:12');
  });

  it('P04 the control stands beside it, its evidence leads into its own page', () => {
    expect(body).toContain('<a href="../other/report.html#event-3">event 3</a>');
    expect(body).toContain('p50 (ms): 3 with resilience, 9 without');
    expect(body).toContain('never opened');
    expect(jsonOf('control-chart-data')).toMatchObject({ page: '../other/report.html', charts: [{ id: 'control-levels' }, { id: 'control-faults' }, { id: 'control-jobs-lanes' }] });
  });

  it('P03 every chart is an image with a text and a table; a chart without data is not there', () => {
    const drawn = (jsonOf('chart-data') as { charts: { id: string }[] }).charts.map(({ id }) => id);
    expect(drawn).toEqual(['levels', 'breakers', 'latency', 'faults', 'jobs']);
    for (const id of drawn) {
      expect(body).toMatch(new RegExp(`id="chart-${id}" role="img" aria-label="[^"]{20,}"`));
      expect(body).toContain(`<caption id="table-${id}">`);
    }
    expect((jsonOf('chart-data', htmlReport({ report: scenario(), events: [], assets })) as { charts: unknown[] }).charts).toEqual([]);
  });

  it('P04 of very many faults as many are drawn as one can look at, and it says so', () => {
    const many = journalOf([0, started], ...Array.from({ length: 100 }, (_, index) => [index, { type: 'fault.injected', fault: `kill-${index}`, fault_type: 'kill', target: 'h', parameters: {}, occurrence: 1 }] as const));
    const text = htmlReport({ report: scenario(), events: many, assets });
    expect((jsonOf('chart-data', text) as { charts: { data: unknown[] }[] }).charts[0]?.data).toHaveLength(60);
    expect(text).toContain('40 more lanes are in the table alone');
    expect(text).toContain('<th scope="row">kill-99</th>');
  });

  it('P04 every event is there with its line and its JSON', () => {
    expect(body.match(/<li id="event-/g)).toHaveLength(outage.length);
    expect(body).toContain('data-type="breaker.transition" data-host="reporting-1" data-job=""');
    expect(body).toContain('<span class="where">reporting-1</span> <span class="what">breaker redis: closed → open</span>');
    const [, json = ''] = /<li id="event-9"[\s\S]*?<pre>(.*?)<\/pre>/.exec(body) ?? [];
    expect(JSON.parse(json)).toEqual(outage[8]);
  });

  it('P04 nothing that a journal says ends an element or begins one', () => {
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page.match(/<\/script/g)).toHaveLength(3);
    expect(page).not.toContain('<script>alert');
    expect(body).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
  });

  it.each(hostile)('P04 texts like %j are shown as what they are', (text) => {
    const events = journalOf([0, { ...started, seed: text }], [1, { type: 'fault.injected', fault: text, fault_type: text, target: text, parameters: { [text]: text }, occurrence: 1 }], [2, { type: 'job.submitted', job: text, job_id: text, user_id: text, question: text }], [3, { type: text as 'run.finished', [text]: text }], [4, { type: 'breaker.transition', host: text, breaker: text, from: text, to: text }]);
    const hostilePage = htmlReport({ report: hostileScenario(text), events, control: { events }, assets });
    expect(hostilePage.isWellFormed()).toBe(true);
    expect(hostilePage.replace(assets.script, '').replace(assets.style, '')).not.toMatch(/(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u);
    expect(hostilePage.match(/<script/g)).toHaveLength(3);
    expect(hostilePage.match(/<(?:img|iframe|b|i|a href="javascript)[ >]/g)).toBeNull();
    expect((jsonOf('chart-data', hostilePage) as { faults: { name: string }[] }).faults[0]?.name).toBe(text);
  });

  it('P04 its policy lets nothing be fetched, and nothing run but its own script', () => {
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(page).toContain(`content="default-src &#39;none&#39;; style-src ${hash(assets.style)}; script-src ${hash(assets.script)}; base-uri &#39;none&#39;; form-action &#39;none&#39;"`.replaceAll("'", '&#39;'));
    expect(body).not.toMatch(/ on\w+=|<link|<img|<iframe| src=| style=/);
    expect(assets.style).not.toMatch(/url\(|@import/);
  });

  it('P04 its script is all files of report-page and uPlot, in one scope, with nothing of modules left', () => {
    const folder = fileURLToPath(new URL('../../../report-page', import.meta.url));
    const declared = readdirSync(folder).filter((name) => name.endsWith('.js'));
    expect(declared.length).toBeGreaterThan(5);
    expect(assets.script.match(/^\/\/ @ts-check$/gm)).toHaveLength(declared.length);
    expect(assets.script).not.toMatch(/^(?:import|export) /m);
    expect(assets.script).not.toContain('</script');
    expect(assets.script).toContain('Permission is hereby granted');
    // A name that two files declare, or that none does, is a syntax error or shows in the browser.
    expect(() => new Script(assets.script)).not.toThrow();
  });

  it('P04 is the same each time', () => {
    expect(htmlReport({ report: scenario({ verdict: 'fail', checks, control }), events: outage, control: { events: outage }, assets })).toBe(page);
  });

  it('P04 a run that was cut short says why; one without a scenario names the command for runs', () => {
    const cut = htmlReport({ report: scenario({ verdict: 'unknown', checks: [], file: '', name: 'run', problem: 'the disk is full' }), events: outage.slice(0, 3), assets });
    expect(cut).toContain('<strong>Not finished:</strong> the disk is full');
    expect(cut.replaceAll(/<\/?span>/g, '')).toContain('npx netra-resilience run --jobs 1 --seed 1 --infra embedded');
  });
});
