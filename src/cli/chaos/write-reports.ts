import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Problems } from '../../core/problems.ts';
import type { ChaosReport } from '../../reporters/chaos-report.ts';
import { reporters as known } from '../../reporters/index.ts';
import type { Reporter } from '../../reporters/reporter.ts';
import type { CommandInput } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { unwritable } from '../run/run-folder.ts';
import { readReporters } from './chaos-options.ts';

const defaultFolder = join('.netra', 'reports');

export interface ReportPlan {
  readonly reporters: readonly Reporter[];
  /** Folder that paths of a report are relative to. */
  readonly cwd: string;
  readonly folder: string;
  /** As typed. */
  readonly shown: string;
  /** Where CI wants the summary of a step; undefined outside of it. */
  readonly stepSummary: string | undefined;
}

/** `--out` alone asks for JSON. */
export function planReports({ options }: CommandInput, { cwd, environment }: CommandContext, problems: Problems): ReportPlan {
  const asked = readReporters(options, problems);
  const { out } = options;
  if (typeof out === 'string' && (out.trim() === '' || out.includes('\0'))) problems.add('--out', 'names no folder', 'give it a path or leave it out');
  const shown = typeof out === 'string' ? out : defaultFolder;
  const reporters = options.reporter === undefined && typeof out === 'string' ? known.filter(({ name }) => name === 'json') : asked;
  return { reporters, cwd, folder: resolve(cwd, shown), shown, stepSummary: environment.GITHUB_STEP_SUMMARY || undefined };
}

/** To be called before anything is run: what cannot be written is better known by then. Throws WORKSPACE_UNWRITABLE. */
export async function makeReportFolder({ reporters, folder, shown }: ReportPlan): Promise<void> {
  if (reporters.length === 0) return;
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw unwritable(shown, error);
  }
}

/**
 * Writes files whole or not at all, the step's summary where CI has one, and gives what belongs into the log. Files of
 * an earlier run are replaced. Throws WORKSPACE_UNWRITABLE.
 */
export async function writeReports({ reporters, cwd, folder, shown, stepSummary }: ReportPlan, report: ChaosReport): Promise<{ readonly log: string; readonly files: readonly string[] }> {
  let log = '';
  const files: string[] = [];
  for (const output of reporters.flatMap((reporter) => reporter.render(report, (path) => relative(folder, resolve(cwd, path))))) {
    if (output.to === 'log') log += output.text;
    else if (output.to === 'file') {
      const path = join(folder, output.name);
      await writeFile(`${path}.new`, output.text)
        .then(() => rename(`${path}.new`, path))
        .catch((error: unknown) => {
          throw unwritable(shown, error);
        });
      files.push(join(shown, output.name));
    } else if (stepSummary !== undefined) {
      await appendFile(stepSummary, output.text).catch((error: unknown) => {
        throw unwritable(stepSummary, error);
      });
    }
  }
  return { log, files };
}
