import type { TableReport } from '../../fleet/data/dataset.ts';
import type { CheckResult } from '../../chaos/checks/check.ts';
import type { VerdictStatus } from '../../journal/events.ts';
import type { JobState, RunState } from '../../journal/run-state.ts';

/** One job in `summary.json` and in `--json`. */
interface JobSummary {
  readonly run_id: string;
  readonly user_id: string;
  readonly success: boolean;
  readonly level: string | null;
  readonly sections: readonly string[];
  readonly resumed_sections: number;
  readonly missing_data: readonly string[];
  readonly recovery_performed: boolean;
  readonly duration_ms: number | null;
  /** Relative to the current folder; null without a report. */
  readonly report_path: string | null;
  /** Why there is no report; absent where there is one. */
  readonly problem?: string;
}

/** Milliseconds until a service was ready, and of containers those of each step. */
export interface ServiceTiming {
  readonly started_in_ms: number;
  readonly pull_ms?: number;
  readonly create_ms?: number;
  readonly start_ms?: number;
  readonly ready_ms?: number;
}

/** `summary.json`, and the one object of `--json`. */
export interface RunSummary {
  readonly v: 1;
  readonly run_id: string;
  readonly provider: string;
  readonly seed: string;
  readonly verdict: VerdictStatus;
  readonly jobs: readonly JobSummary[];
  readonly timings: { readonly infra_ready_ms: number | null; readonly fleet_ready_ms: number | null; readonly first_report_ms: number | null; readonly total_ms: number | null; readonly services: Readonly<Record<string, ServiceTiming>> };
  readonly checks: readonly { readonly name: string; readonly status: VerdictStatus; readonly detail: string; readonly evidence: readonly string[] }[];
  /** What became of each file of business data. */
  readonly data: readonly TableReport[];
  readonly run_dir: string;
  /** What kept the run from coming to its end; absent where it did. */
  readonly problem?: string;
}

/** @param runDir relative to the current folder */
export function summarize(state: RunState, checks: readonly CheckResult[], data: readonly TableReport[], runDir: string, problem?: string): RunSummary {
  const { timings } = state;
  return {
    v: 1,
    run_id: state.runId,
    provider: state.provider,
    seed: state.seed,
    verdict: state.verdict ?? 'unknown',
    jobs: [...state.jobs.values()].toSorted((a, b) => a.job.localeCompare(b.job, 'en', { numeric: true })).map(jobSummary),
    timings: {
      infra_ready_ms: rounded(timings.infraReadyMs),
      fleet_ready_ms: rounded(timings.fleetReadyMs),
      first_report_ms: rounded(timings.firstReportMs),
      total_ms: rounded(timings.totalMs),
      services: Object.fromEntries([...state.services].map(([service, { started_in_ms, phases }]) => [service, { started_in_ms, ...phases }])),
    },
    checks: checks.map(({ check, status, detail, evidence }) => ({ name: check, status, detail, evidence })),
    data,
    run_dir: runDir,
    ...(problem === undefined ? {} : { problem }),
  };
}

function jobSummary(job: JobState): JobSummary {
  return {
    run_id: job.jobId,
    user_id: job.userId,
    success: job.success,
    level: job.level ?? null,
    sections: job.sections,
    resumed_sections: job.resumedSections,
    missing_data: job.missingData,
    recovery_performed: job.recoveryPerformed,
    duration_ms: job.durationMs ?? null,
    report_path: job.reportPath ?? null,
    ...(job.status === 'reported' ? {} : { problem: job.problem ?? `${job.status}, no report` }),
  };
}

function rounded(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : Math.round(milliseconds);
}
