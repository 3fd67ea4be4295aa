import type { CheckResult } from '../chaos/checks/check.ts';
import type { JournalEvent, VerdictStatus } from '../journal/events.ts';
import type { CheckReport, FaultReport, JobsReport, ScenarioReport } from './chaos-report.ts';

export interface ReportedRun {
  readonly name: string;
  readonly description: string;
  readonly source: { readonly path: string; readonly text: string };
  /** Those that never began are told of as well. */
  readonly faults: readonly { readonly id: string; readonly type: string; readonly target: string }[];
  readonly events: readonly JournalEvent[];
  readonly checks: readonly CheckResult[];
  readonly verdict: VerdictStatus;
  readonly runDir: string;
  readonly problem?: string;
}

/** What stands for a scenario where a run has none. */
export const plainRun: Pick<ReportedRun, 'name' | 'description' | 'source' | 'faults'> = { name: 'run', description: 'A run without a scenario.', source: { path: '', text: '' }, faults: [] };

/** A fold of the journal: the same while the run is fresh and when its file is read again. */
export function scenarioReport(run: ReportedRun): ScenarioReport {
  const { events } = run;
  const started = events.find((event) => event.type === 'run.started');
  const finished = events.findLast((event) => event.type === 'run.finished');
  return {
    name: run.name,
    seed: started?.seed ?? '',
    verdict: run.verdict,
    provider: started?.provider ?? '',
    duration_ms: finished?.duration_ms ?? Math.round(events.at(-1)?.mono_ms ?? 0),
    faults: run.faults.map((fault) => faultReport(fault, events)),
    checks: run.checks.map((check) => checkReport(check, run.source.text)),
    jobs: jobsReport(events),
    run_dir: run.runDir,
    description: run.description,
    file: run.source.path,
    ...(run.problem === undefined ? {} : { problem: run.problem }),
  };
}

function faultReport({ id, type, target }: ReportedRun['faults'][number], events: readonly JournalEvent[]): FaultReport {
  const injected = events.filter((event) => event.type === 'fault.injected' && event.fault === id).length;
  const healed = events.filter((event) => event.type === 'fault.healed').filter(({ fault }) => fault === id);
  const affected = healed.length === 0 || healed.some((event) => event.affected === null) ? null : healed.reduce((sum, event) => sum + (event.affected as number), 0);
  const unit = healed[0]?.unit ?? null;
  return { id, target, type, injected, bytes_affected: unit === 'bytes' ? affected : null, affected, unit };
}

function checkReport({ check, status, detail, evidence, waived }: CheckResult, text: string): CheckReport {
  const line = lineOf(check, text);
  return { name: check, status, detail, evidence, ...(waived === undefined ? {} : { waived }), ...(line === undefined ? {} : { line }) };
}

/** Two expectations of one kind are called `<name>-1` and `<name>-2`, in the order of the file. */
function lineOf(check: string, text: string): number | undefined {
  const places = text.split('\n').flatMap((line, index) => [...line.matchAll(/(?:^|[\s{,-])["']?check["']?:\s*["']?([\w-]+)/g)].map((match) => ({ name: match[1], line: index + 1 })));
  const [, kind, number] = /^(.*)-(\d+)$/.exec(check) ?? [];
  return (places.find(({ name }) => name === check) ?? places.filter(({ name }) => name === kind)[Number(number) - 1])?.line;
}

function jobsReport(events: readonly JournalEvent[]): JobsReport {
  const accepted = new Set<string>();
  const submitted = new Set<string>();
  const duplicated = new Set<string>();
  const reported = new Map<string, Readonly<Record<string, unknown>>>();
  for (const event of events) {
    if (event.type === 'job.submitted') submitted.add(event.job_id);
    else if (event.type === 'job.accepted') accepted.add(event.job_id);
    else if (event.type === 'job.reported') reported.set(event.job_id, event.result);
    else if (event.type === 'report.counted' && event.reports > 1) duplicated.add(event.job_id);
  }
  const byLevel: Record<string, number> = {};
  for (const { level } of reported.values()) {
    const name = typeof level === 'string' ? level : 'unknown';
    byLevel[name] = (byLevel[name] ?? 0) + 1;
  }
  return {
    accepted: accepted.size,
    reported: reported.size,
    lost: accepted.difference(reported).size,
    // The lab asks for reports of its own to see whether the state is steady; they are no jobs of the workload.
    duplicated: duplicated.intersection(submitted).size,
    resumed: [...reported.values()].filter(({ resumed_sections }) => typeof resumed_sections === 'number' && resumed_sections > 0).length,
    by_level: byLevel,
  };
}
