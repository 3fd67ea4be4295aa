import type { ChaosReport, RunReport, ScenarioReport } from '../chaos-report.ts';
import { levelCounts, seconds } from '../visible-text.ts';
import type { PageAssets } from './assets.ts';
import { html, type Content, type Markup } from './markup.ts';
import { page } from './page.ts';
import { pathLink, reportPageName } from './run-link.ts';
import { scrollTable } from './scroll-table.ts';
import { statusBadge } from './status.ts';

/** All scenarios of one command, each with a link to its own page. `place` turns a path of the current folder into one of the page's. */
export function overviewPage({ verdict, scenarios }: ChaosReport, place: (path: string) => string, assets: PageAssets): string {
  const passed = scenarios.filter((scenario) => scenario.verdict === 'pass').length;
  const head = html`<header class="head"><p class="kind">Chaos</p>
<h1>${scenarios.length === 1 ? '1 scenario' : `${scenarios.length} scenarios`}</h1>
<p class="verdict">${statusBadge(verdict)} <span>${scenarios.length === 0 ? 'No scenario was run.' : `${passed} of ${scenarios.length} passed`}</span></p></header>`;
  return page({ title: `Chaos: ${verdict}`, head, assets, sections: scenarios.length === 0 ? [] : [{ id: 'scenarios', name: 'Scenarios', content: table(scenarios, place) }, ...attention(scenarios)] });
}

function table(scenarios: readonly ScenarioReport[], place: (path: string) => string): Markup {
  const control = scenarios.some((scenario) => scenario.control !== undefined);
  return html`<section id="scenarios" aria-labelledby="scenarios-title">
<h2 id="scenarios-title">Scenarios</h2>
${scrollTable({
  id: 'scenarios-table',
  caption: 'Verdicts and figures; a name leads to the report of its run',
  head: ['Scenario', 'Verdict', ...(control ? ['Without resilience'] : []), 'Reported', 'Lost', 'Duplicated', 'Resumed', 'Levels', 'Took', 'Seed', 'Services'],
  rows: scenarios.map((scenario) => [
    linked(scenario.name === '' ? 'no name' : scenario.name, scenario.run_dir, place),
    statusBadge(scenario.verdict),
    ...(control ? [scenario.control === undefined ? '–' : html`${statusBadge(scenario.control.verdict)} ${linked('report', scenario.control.run_dir, place)}`] : []),
    ...figures(scenario),
    scenario.seed,
    scenario.provider === '' ? '–' : scenario.provider,
  ]),
})}
</section>`;
}

function figures({ jobs, duration_ms }: RunReport): Content[] {
  return [`${jobs.reported} of ${jobs.accepted}`, jobs.lost, jobs.duplicated, jobs.resumed, levelCounts(jobs.by_level), seconds(duration_ms)];
}

/** What did not pass, in words. */
function attention(scenarios: readonly ScenarioReport[]): { id: string; name: string; content: Markup }[] {
  const rows = scenarios.flatMap(({ name, verdict, problem, checks }): Content[][] => [
    ...(problem === undefined ? [] : [[name, 'the run itself', statusBadge(verdict), problem]]),
    ...checks.filter(({ status }) => status !== 'pass').map((check) => [name, check.name, statusBadge(check.status), check.detail]),
  ]);
  if (rows.length === 0) return [];
  const content = html`<section id="attention" aria-labelledby="attention-title">
<h2 id="attention-title">What did not pass</h2>
${scrollTable({ id: 'attention-table', caption: 'Checks that failed, or could not be judged', head: ['Scenario', 'Check', 'Status', 'What was seen'], rows })}
</section>`;
  return [{ id: 'attention', name: 'What did not pass', content }];
}

function linked(text: string, runDir: string, place: (path: string) => string): Content {
  return runDir === '' ? text : html`<a href="${pathLink(place(`${runDir}/${reportPageName}`))}">${text}</a>`;
}
