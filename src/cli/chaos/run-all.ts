import type { RunControls } from '../../chaos/engine/live-faults.ts';
import { runScenarios } from '../../chaos/engine/run-scenarios.ts';
import type { Scenario } from '../../chaos/scenario/scenario.ts';
import { asError } from '../../core/errors.ts';
import type { Dataset } from '../../fleet/data/dataset.ts';
import type { InfraProvider, LlmOptions } from '../../infra/provider.ts';
import type { JournalEvent } from '../../journal/events.ts';
import type { ScenarioReport } from '../../reporters/chaos-report.ts';
import type { CommandContext } from '../context.ts';
import type { FleetContainers } from '../run/fleet-containers.ts';
import { writeReportPage, type ReportedPage } from '../run/report-page.ts';
import { judgedLive, reportOf, withControl } from './report-of-run.ts';
import { runOne, type FinishedRun, type OneRun } from './run-one.ts';

/** Which runs there are. */
export interface RunsWanted {
  readonly scenarios: readonly Scenario[];
  readonly repeat: number;
  /** Goes before the scenarios' own. */
  readonly seed: string | undefined;
  readonly control: boolean;
}

export interface AllRuns extends RunsWanted {
  readonly parallel: number;
  readonly provider: InfraProvider;
  /** Hosts are containers. @default processes */
  readonly containers?: FleetContainers | undefined;
  /** A model of the user's own. @default the built-in one */
  readonly llm?: Pick<LlmOptions, 'url' | 'model' | 'apiKey'>;
  readonly dataset: Dataset;
  /** `label` says which run it is; empty where there is only one. */
  readonly onEvent: (label: string, event: JournalEvent) => void;
  /** Gets what steers a run by hand, once its fleet is being started. @default nobody does */
  readonly onControls?: (label: string, controls: RunControls) => void;
  /** A scenario is done, its control included. */
  readonly onReport: (report: ScenarioReport) => void;
}

/** One run, or the two of a scenario and its control. */
interface Entry {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly control: boolean;
  readonly label: string;
  finished?: FinishedRun;
  /** Its pages are written as well. */
  done?: true;
  /** Its own report page being written. */
  page?: Promise<void>;
}

/** Reports in the order of the scenarios, and what kept runs from beginning or from their end. */
export async function runAll(all: AllRuns, context: CommandContext): Promise<{ reports: ScenarioReport[]; errors: Error[] }> {
  const groups = groupsOf(all);
  // The pool knows runs by their scenario: each has a copy of its own.
  const entries = new Map(groups.flat().map((entry) => [{ ...entry.scenario }, entry]));
  const errors: Error[] = [];
  await runScenarios([...entries.keys()], {
    parallel: all.parallel,
    signal: context.signal,
    run: async (key) => {
      const entry = entries.get(key) as Entry;
      const { scenario, seed, control, label } = entry;
      const finished = await runOne({ scenario, seed, control, provider: all.provider, containers: all.containers, ...(all.llm === undefined ? {} : { llm: all.llm }), dataset: all.dataset, onEvent: (event) => all.onEvent(label, event), ...controlsOf(label, all) }, context);
      entry.finished = finished;
      const group = groups.find((candidates) => candidates.includes(entry)) as Entry[];
      const unwritten = await writePages(group, entry, context.cwd).then(() => undefined, asError);
      if (finished.outcome === undefined || unwritten !== undefined) throw finished.error ?? unwritten ?? new Error('the run ended without an outcome');
      return finished.outcome;
    },
    onResult: ({ scenario: key, error }) => {
      const entry = entries.get(key) as Entry;
      if (error !== undefined) errors.push(asError(error));
      entry.done = true;
      entry.finished ??= { events: [], runDir: '', ...(error === undefined ? {} : { error: asError(error) }) };
      const group = groups.find((candidates) => candidates.includes(entry)) as Entry[];
      if (group.every(({ done }) => done === true)) all.onReport(groupReport(group));
    },
  });
  return { reports: groups.map(groupReport), errors };
}

function controlsOf(label: string, { onControls }: AllRuns): Pick<OneRun, 'onControls'> {
  return onControls === undefined ? {} : { onControls: (controls) => onControls(label, controls) };
}

/** Those that `onEvent` will be given, in the order in which the runs begin. */
export function runLabels(what: RunsWanted): string[] {
  return groupsOf(what).flat().map(({ label }) => label);
}

function groupsOf(what: RunsWanted): Entry[][] {
  return Array.from({ length: what.repeat }, (_, round) => what.scenarios.map((scenario) => entriesOf(scenario, round, what))).flat();
}

function entriesOf(scenario: Scenario, round: number, { repeat, seed, control, scenarios }: RunsWanted): Entry[] {
  const name = `${scenario.name}${repeat > 1 ? ` ${round + 1}` : ''}`;
  const shared = { scenario, seed: seed ?? scenario.seed };
  const single = repeat === 1 && scenarios.length === 1 && !control;
  return [{ ...shared, control: false, label: single ? '' : name }, ...(control ? [{ ...shared, control: true, label: `${name} control` }] : [])];
}

/** The page of the run that has just finished, and that of the run with resilience once more as soon as its control can stand beside it. */
async function writePages(group: readonly Entry[], entry: Entry, cwd: string): Promise<void> {
  // Seen before anything is waited for: true for the later of two alone.
  const last = group.length > 1 && group.every(({ finished }) => finished !== undefined);
  entry.page = writeReportPage(cwd, pageOf([entry]));
  for (const { page } of last ? group : [entry]) await page;
  if (last) await writeReportPage(cwd, pageOf(group));
}

function groupReport(group: readonly Entry[]): ScenarioReport {
  return pageOf(group).report;
}

function pageOf([entry, control]: readonly Entry[]): ReportedPage {
  const reports = [entry, control].filter((each) => each !== undefined).map((each) => {
    const run = each.finished ?? { events: [], runDir: '' };
    return { events: run.events, report: reportOf(each.scenario, each.seed, run, judgedLive(run)) };
  });
  const [own, other] = reports as [(typeof reports)[number], (typeof reports)[number] | undefined];
  return other === undefined ? own : { events: own.events, report: withControl(own.report, own.events, other.report, other.events), control: { events: other.events } };
}
