import type { JournalEvent } from '../../journal/events.ts';
import type { ScenarioReport } from '../chaos-report.ts';
import { oneLine } from '../visible-text.ts';
import type { PageAssets } from './assets.ts';
import { drawnEvents, runCharts } from './charts/index.ts';
import { chartsSection } from './charts-section.ts';
import { checksSection } from './checks-section.ts';
import { controlSection } from './control-section.ts';
import { eventsSection } from './events-section.ts';
import { evidenceLinks, jobEvents } from './evidence-links.ts';
import { namedEvents } from './evidence.ts';
import { headSection } from './head-section.ts';
import { page } from './page.ts';
import { selectEvents } from './select-events.ts';

export interface RunPage {
  readonly report: ScenarioReport;
  /** The run's whole journal. */
  readonly events: readonly JournalEvent[];
  /** That of its control; without it the control is told of without charts. */
  readonly control?: { readonly events: readonly JournalEvent[] };
  readonly assets: PageAssets;
}

/** `report.html`: one run, as one file that opens from the disk. Pure: the same run gives the same text. */
export function htmlReport({ report, events, control, assets }: RunPage): string {
  const charts = runCharts(events);
  const referredTo = new Set([...report.checks.flatMap(({ evidence }) => evidence.flatMap(namedEvents)), ...drawnEvents(charts), ...[...jobEvents(events).values()].map(({ seq }) => seq)]);
  const selected = selectEvents(events, referredTo);
  const present = new Set(selected.shown.map(({ event }) => event.seq));
  return page({
    title: `${report.name === '' ? 'run' : oneLine(report.name)}: ${report.verdict}`,
    head: headSection(report, events),
    assets,
    sections: [
      { id: 'checks', name: 'Checks', content: checksSection(report, evidenceLinks(events, '', present)) },
      { id: 'charts', name: 'What happened', content: chartsSection(charts) },
      ...(report.control === undefined ? [] : [{ id: 'control', name: 'Without resilience', content: controlSection(report, report.control, control?.events) }]),
      { id: 'events', name: 'Events', content: eventsSection(selected, `${report.run_dir === '' ? '' : `${report.run_dir}/`}journal.ndjson`) },
    ],
  });
}
