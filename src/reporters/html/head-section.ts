import type { JournalEvent } from '../../journal/events.ts';
import { servicesOf } from '../../journal/provider-words.ts';
import type { ScenarioReport } from '../chaos-report.ts';
import { levelCounts, seconds } from '../visible-text.ts';
import { html, type Content, type Markup } from './markup.ts';
import { repeatCommand } from './repeat-command.ts';
import { statusBadge } from './status.ts';

/** Verdict, what was run, what came of its jobs, and how to do it again. */
export function headSection(report: ScenarioReport, events: readonly JournalEvent[]): Markup {
  const { name, description, verdict, problem, jobs, checks, faults } = report;
  const started = events.find((event) => event.type === 'run.started');
  const failed = checks.filter(({ status }) => status !== 'pass').length;
  return html`<header class="head">
<p class="kind">${report.file === '' ? 'Run' : 'Chaos scenario'}${started?.control === true && ', with resilience switched off'}</p>
<h1>${name === '' ? 'no name' : name}</h1>
<p class="verdict">${statusBadge(verdict)} <span>${checks.length === 0 ? 'no check was judged' : failed === 0 ? `all ${checks.length} checks passed` : `${failed} of ${checks.length} checks did not pass`}</span></p>
${description !== '' && html`<p class="description">${description}</p>`}
${problem !== undefined && html`<p class="problem"><strong>Not finished:</strong> ${problem}</p>`}
<ul class="figures" aria-label="Jobs">
${figure(jobs.accepted, 'jobs accepted')}${figure(jobs.reported, 'reported')}${figure(jobs.lost, 'lost', jobs.lost > 0)}${figure(jobs.duplicated, 'duplicated', jobs.duplicated > 0)}${figure(jobs.resumed, 'resumed')}</ul>
<dl class="facts">
${fact('Report levels', levelCounts(jobs.by_level))}
${fact('Faults', faults.length === 0 ? 'none' : faults.map(({ id, injected }) => (injected === 1 ? id : `${id} (${injected === 0 ? 'never began' : `${injected} times`})`)).join(', '))}
${fact('Took', seconds(report.duration_ms))}
${fact('Services', report.provider === '' ? 'none' : servicesOf(report.provider))}
${fact('Seed', html`<code>${report.seed}</code>`)}
${started !== undefined && html`${fact('Started', html`<time datetime="${started.at}">${started.at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>`)}
${fact('Made with', Object.entries(started.versions).filter(([of]) => of !== 'data').map(([of, version]) => `${of} ${version}`).join(', '))}
${fact('On', `${started.machine.platform}, ${started.machine.cpus} cores, ${Math.round(started.machine.memory_mb / 1_024)} GB`)}`}
${fact('Run folder', html`<code>${report.run_dir}</code>`)}
${fact('Again', html`<code class="command">${repeatCommand(report, events).map((word, index) => [index > 0 && ' ', html`<span>${word}</span>`])}</code>`)}
</dl>
</header>`;
}

function figure(count: number, label: string, bad = false): Markup {
  return html`<li class="${bad ? 'bad' : ''}"><strong>${count}</strong> ${label}${bad && html`<span aria-hidden="true"> ✘</span>`}</li>
`;
}

function fact(name: string, value: Content): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}
