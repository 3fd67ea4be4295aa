import type { CallOptions } from '../connectors/call.ts';
import type { ReportResult } from '../jobs/job.ts';

/** Which job a report belongs to. */
export interface ReportKey {
  readonly jobId: string;
  readonly userId: string;
  readonly correlationId: string;
}

/**
 * Where finished reports go, once a run each. Implementations decide by the run's unique key in the
 * database, so that two writers at the same moment still leave one report.
 */
export interface ReportStore {
  /** The finished report of the run, null where there is none yet. */
  find(key: ReportKey, options?: CallOptions): Promise<ReportResult | null>;
  /**
   * `stored`: this report is now the run's report. `already_there`: another one is, nothing changed.
   * `stale`: an attempt with a token above `fencingToken` has begun, nothing changed.
   * Rejects where the database cannot be reached; the report may then have been stored or not, and calling again is safe.
   */
  store(key: ReportKey, result: ReportResult, fencingToken: number, options?: CallOptions): Promise<'stored' | 'already_there' | 'stale'>;
}
