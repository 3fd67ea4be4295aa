import type { Lane, LatencyLine, LevelLine, RunCharts } from './charts/chart-data.ts';
import { html, scriptJson, type Content, type Markup } from './markup.ts';
import { scrollTable } from './scroll-table.ts';

interface ChartShape {
  readonly id: string;
  readonly kind: 'levels' | 'latency' | 'lanes';
  readonly title: string;
  readonly note: string;
  /** The chart in words, for who cannot see it. */
  readonly alternative: string;
  readonly data: unknown;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Content[])[];
}

const rowLimit = 500;
/** Of one chart: a taller one is no picture any more. */
const laneLimit = 60;
const alternativeLength = 900;

/** The run's charts, one below the other on one time axis, each with its figures in a table. */
export function chartsSection(charts: RunCharts): Markup {
  const { jobsLeftOut, marks } = charts;
  const shapes = [
    levelsShape('levels', charts.levels, inThisPage),
    lanesShape('breakers', 'Circuit breakers', 'One lane a breaker that changed: the fuller the lane, the less goes through.', charts.breakers, inThisPage),
    latencyShape(charts.latency, inThisPage),
    lanesShape('faults', 'Faults', 'Each fault while it was there; the same stretches are shaded in the other charts.', charts.faults, inThisPage),
    lanesShape('jobs', 'Jobs', `From submission to report, with the level of the report; ↻ was resumed from checkpoints.${jobsLeftOut > 0 ? ` ${jobsLeftOut} more jobs, all reported in full or with nothing special to them, have no lane here.` : ''}`, charts.jobs, inThisPage),
  ].filter(({ rows }) => rows.length > 0);
  return html`<section id="charts" aria-labelledby="charts-title">
<h2 id="charts-title">What happened</h2>
${
  shapes.length === 0
    ? html`<p>Nothing to draw: no host was ready, no fault was injected and no job submitted.</p>`
    : html`<p>All charts share one time axis, in seconds since the start of the run${charts.startMs > 0 && `; the first ${(charts.startMs / 1_000).toFixed(1)} s, in which services and hosts started, are left out`}. Drag to look closer, double-click to see all of it again; a click leads to the event under the pointer, and so do the links of the tables.</p>
${marks.length > 0 && html`<p class="marks-key">Marks: <span class="exit">▼ a host ended by itself</span>, <span class="start">▲ started again</span>, <span class="resume">◆ a job was resumed</span>.</p>`}
${shapes.map((shape) => figure(shape, ''))}
${marks.length > 0 && html`<details class="table"><summary>Marks as a table</summary>${scrollTable({ id: 'marks-table', caption: 'Marks', head: ['At', 'What', 'Event'], rows: marks.slice(0, rowLimit).map(({ atMs, text, seq }) => [time(atMs), text, eventLink(seq, inThisPage)]) })}</details>`}`
}
<script type="application/json" id="chart-data">${scriptJson({ startMs: charts.startMs, endMs: charts.endMs, faults: charts.faults, marks, charts: shapes.map(({ id, kind, data }) => ({ id, kind, data })) })}</script>
</section>`;
}

/** What there is to see of the control; its events are in a page of its own. */
export function controlFigures(charts: RunCharts, page: string | undefined): Markup {
  const link = (seq: number): string | undefined => (page === undefined ? undefined : `${page}#event-${seq}`);
  const shapes = [
    levelsShape('control-levels', charts.levels, link),
    lanesShape('control-faults', 'Faults', 'Each fault while it was there.', charts.faults, link),
    lanesShape('control-jobs-lanes', 'Jobs', 'From submission to report, or to the end where there was none.', charts.jobs, link),
  ].filter(({ rows }) => rows.length > 0);
  return html`${shapes.map((shape) => figure(shape, ' without resilience'))}
<script type="application/json" id="control-chart-data">${scriptJson({ startMs: charts.startMs, endMs: charts.endMs, faults: charts.faults, marks: charts.marks, page, charts: shapes.map(({ id, kind, data }) => ({ id, kind, data })) })}</script>`;
}

function figure({ id, title, note, alternative, head, rows }: ChartShape, suffix: string): Markup {
  return html`<figure class="chart">
<figcaption><h3>${title}${suffix}</h3><p>${note}</p></figcaption>
<div class="plot" id="chart-${id}" role="img" aria-label="${`${title}${suffix}. ${shortened(alternative)}`}"></div>
<p class="readout" id="readout-${id}" aria-hidden="true"></p>
<details class="table"><summary>${title}${suffix} as a table</summary>${scrollTable({ id: `table-${id}`, caption: `${title}${suffix}`, head, rows: rows.slice(0, rowLimit) })}${rows.length > rowLimit && html`<p>${rows.length - rowLimit} more rows are left out; the journal has them.</p>`}</details>
</figure>
`;
}

function levelsShape(id: string, levels: readonly LevelLine[], link: Link): ChartShape {
  return {
    id,
    kind: 'levels',
    title: 'Degradation level',
    note: '0 is everything working, 4 is hardly anything. The fleet is as bad as its worst host; lines at one level are drawn side by side.',
    alternative: levels.map(({ name, steps }) => `${name}: ${steps.map(({ atMs, level }) => `${level === null ? 'not there' : `level ${level}`} from ${time(atMs)}`).join(', ')}`).join('. '),
    data: levels,
    head: ['Host', 'From', 'Level', 'Why', 'Event'],
    rows: levels.flatMap(({ name, steps }) => steps.map(({ atMs, level, reason, seq }) => [name, time(atMs), level ?? 'not there', reason, eventLink(seq, link)])),
  };
}

function lanesShape(id: string, title: string, note: string, lanes: readonly Lane[], link: Link): ChartShape {
  return {
    id,
    kind: 'lanes',
    title,
    note: lanes.length > laneLimit ? `${note} ${lanes.length - laneLimit} more lanes are in the table alone.` : note,
    alternative: lanes.map(({ name, segments }) => `${name}: ${segments.map(({ fromMs, toMs, text }) => `${text} from ${time(fromMs)} to ${time(toMs)}`).join(', ')}`).join('. '),
    data: lanes.slice(0, laneLimit),
    head: ['Name', 'From', 'To', 'What', 'Event'],
    rows: lanes.flatMap(({ name, segments }) => segments.map(({ fromMs, toMs, text, seq }) => [name, time(fromMs), time(toMs), text, eventLink(seq, link)])),
  };
}

function latencyShape(lines: readonly LatencyLine[], link: Link): ChartShape {
  return {
    id: 'latency',
    kind: 'latency',
    title: 'Latency of dependencies',
    note: 'As hosts measured it, one point a second: the median of their calls as a line, the slowest call as a dot. The scale is logarithmic.',
    alternative: lines.map(({ dependency, points }) => `${dependency}: median between ${milliseconds(Math.min(...points.map(({ p50Ms }) => p50Ms)))} and ${milliseconds(Math.max(...points.map(({ p50Ms }) => p50Ms)))}, slowest call ${milliseconds(Math.max(...points.map(({ maxMs }) => maxMs)))}`).join('. '),
    data: lines,
    head: ['Dependency', 'At', 'Median', 'Slowest', 'Calls', 'Failed', 'Event'],
    rows: lines.flatMap(({ dependency, points }) => points.map(({ atMs, p50Ms, maxMs, calls, failures, seq }) => [dependency, time(atMs), milliseconds(p50Ms), milliseconds(maxMs), calls, failures, eventLink(seq, link)])),
  };
}

type Link = (seq: number) => string | undefined;

function inThisPage(seq: number): string {
  return `#event-${seq}`;
}

function eventLink(seq: number, link: Link): Content {
  const href = link(seq);
  return href === undefined ? seq : html`<a href="${href}">event ${seq}</a>`;
}

function shortened(text: string): string {
  return text.length <= alternativeLength ? text : `${text.slice(0, alternativeLength).toWellFormed()}… The table below has the rest.`;
}

function time(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
