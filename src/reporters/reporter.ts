import type { ChaosReport } from './chaos-report.ts';

/** Where a text goes: a file of the report folder, the log of the command, or the summary page of a CI step. */
export type ReporterText = { readonly to: 'file'; readonly name: string; readonly text: string } | { readonly to: 'log' | 'step-summary'; readonly text: string };

/** One format; one file each, called as its name. Pure: texts in, nothing written. */
export interface Reporter {
  /** As `--reporter` takes it. */
  readonly name: string;
  readonly summary: string;
  /** `place` turns a path that is relative to the current folder into one that is relative to the report folder. */
  render(report: ChaosReport, place?: (path: string) => string): readonly ReporterText[];
}

/** Types a reporter without changing it. */
export function defineReporter(reporter: Reporter): Reporter {
  return reporter;
}
