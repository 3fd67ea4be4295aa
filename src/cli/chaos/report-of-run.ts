import { mergeVerdicts, type CheckResult } from '../../chaos/checks/check.ts';
import { compareWithControl } from '../../chaos/checks/compare-with-control.ts';
import type { Scenario } from '../../chaos/scenario/scenario.ts';
import type { JournalEvent, VerdictStatus } from '../../journal/events.ts';
import type { ChaosReport, ControlReport, ScenarioReport } from '../../reporters/chaos-report.ts';
import { scenarioReport } from '../../reporters/scenario-report.ts';
import type { FinishedRun } from './run-one.ts';

export interface Judged {
  readonly verdict: VerdictStatus;
  readonly checks: readonly CheckResult[];
  readonly problem?: string;
}

export const interruptedProblem = 'it was interrupted';

export function judgedLive({ outcome, error }: Pick<FinishedRun, 'outcome' | 'error'>): Judged {
  if (outcome === undefined) return { verdict: 'unknown', checks: [], problem: error?.message ?? 'it was not begun' };
  return { verdict: outcome.verdict, checks: outcome.checks, ...(outcome.interrupted ? { problem: interruptedProblem } : {}) };
}

export function reportOf(scenario: Scenario, seed: string, run: Pick<FinishedRun, 'events' | 'runDir'>, judged: Judged): ScenarioReport {
  const { name, description, source, faults } = scenario;
  const report = scenarioReport({ name, description, source, faults, events: run.events, runDir: run.runDir, ...judged });
  return run.events.length === 0 ? { ...report, seed } : report;
}

/** Puts the run without resilience beside the one with it. */
export function withControl(report: ScenarioReport, events: readonly JournalEvent[], control: ScenarioReport, controlEvents: readonly JournalEvent[]): ScenarioReport {
  const { verdict, duration_ms, faults, checks, jobs, run_dir, problem } = control;
  const beside: ControlReport = {
    verdict,
    duration_ms,
    faults,
    checks,
    jobs,
    run_dir,
    ...(problem === undefined ? {} : { problem }),
    comparison: compareWithControl(events, controlEvents).differences,
  };
  return { ...report, control: beside };
}

export function chaosReport(scenarios: readonly ScenarioReport[]): ChaosReport {
  return { v: 1, verdict: mergeVerdicts(scenarios.map(({ verdict }) => verdict)), scenarios };
}
