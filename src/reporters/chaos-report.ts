import type { VerdictStatus } from '../journal/events.ts';

export interface CheckReport {
  readonly name: string;
  readonly status: VerdictStatus;
  readonly detail: string;
  readonly evidence: readonly string[];
  /** Why the scenario puts up with its failure; its status is `pass` then. */
  readonly waived?: string;
  /** Where the scenario file asks for it, 1-based; absent for always-on checks. */
  readonly line?: number;
}

export interface FaultReport {
  readonly id: string;
  readonly target: string;
  readonly type: string;
  /** How many times it really began. */
  readonly injected: number;
  /** Bytes that it acted on; null where it counts something else, or nobody can count them. */
  readonly bytes_affected: number | null;
  /** What it acted on in its own unit; null where nobody can count it, or it never began. */
  readonly affected: number | null;
  readonly unit: string | null;
}

export interface JobsReport {
  readonly accepted: number;
  readonly reported: number;
  /** Accepted, and never reported. */
  readonly lost: number;
  /** With more than one report in the database. */
  readonly duplicated: number;
  /** Whose report was made from checkpoints in part. */
  readonly resumed: number;
  readonly by_level: Readonly<Record<string, number>>;
}

/** One run of a scenario, with resilience or without. */
export interface RunReport {
  readonly verdict: VerdictStatus;
  readonly duration_ms: number;
  readonly faults: readonly FaultReport[];
  readonly checks: readonly CheckReport[];
  readonly jobs: JobsReport;
  /** Relative to the current folder where it is inside. */
  readonly run_dir: string;
  /** What kept the run from its end; absent where it came to it. */
  readonly problem?: string;
}

export interface ScenarioReport extends RunReport {
  readonly name: string;
  readonly description: string;
  /** The scenario file, as shown. */
  readonly file: string;
  readonly seed: string;
  readonly provider: string;
  /** The same with resilience switched off; it has no part in the verdict. */
  readonly control?: ControlReport;
}

export interface ControlReport extends RunReport {
  /** What resilience made of it, in sentences. */
  readonly comparison: readonly string[];
}

/** The one object of `chaos --json`, and what reporters render. */
export interface ChaosReport {
  readonly v: 1;
  readonly verdict: VerdictStatus;
  readonly scenarios: readonly ScenarioReport[];
}
