/**
 * What became of an attempt, beside its result: what a caller needs in order to decide whether the job is done.
 *
 * - `pending`: still at work
 * - `stored`: this attempt's report is the run's report
 * - `already_stored`: another attempt's is; the result is that one
 * - `stale`: a newer attempt holds the run and will finish it; nothing to do, nothing to tell anybody
 * - `aborted`: stopped by the context's signal; the job is still to be done, its checkpoints are kept
 * - `failed`: `error` says why, its `recovery` what to do (D07); checkpoints are kept
 */
export type ReportOutcome =
  | { readonly status: 'pending' | 'stored' | 'already_stored' }
  | { readonly status: 'stale' | 'aborted' | 'failed'; readonly error: Error };
