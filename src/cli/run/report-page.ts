import { access, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { JournalEvent } from '../../journal/events.ts';
import type { ScenarioReport } from '../../reporters/chaos-report.ts';
import { pageAssets } from '../../reporters/html/assets.ts';
import { reportPageName } from '../../reporters/html/run-link.ts';
import { htmlReport } from '../../reporters/html/run-page.ts';
import { unwritable } from './run-folder.ts';

export interface ReportedPage {
  readonly report: ScenarioReport;
  readonly events: readonly JournalEvent[];
  /** Of the control, where `report` has one. */
  readonly control?: { readonly events: readonly JournalEvent[] };
}

/** `report.html` into the run folder that the report names, in place of one that is there; whole or not at all. Nothing where there is no folder. Throws WORKSPACE_UNWRITABLE. */
export async function writeReportPage(cwd: string, page: ReportedPage): Promise<void> {
  const { run_dir: shown } = page.report;
  if (shown === '') return;
  const path = resolve(cwd, shownPage(shown));
  const temporary = `${path}.new`;
  const text = htmlReport({ ...page, assets: pageAssets().run });
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // What cannot be written cannot always be removed.
    throw unwritable(shown, error);
  }
}

/** For a run that was killed before it could write its page: its path as shown, or undefined where a page is there, where there is no run folder, or none that can be written. */
export async function writeMissingPage(cwd: string, page: ReportedPage): Promise<string | undefined> {
  const there = (name: string): Promise<boolean> => access(resolve(cwd, page.report.run_dir, name)).then(() => true, () => false);
  if (!(await there('summary.json')) || (await there(reportPageName))) return undefined;
  // What was asked for is the verdict, which a folder for reading only has as well.
  return writeReportPage(cwd, page).then(() => shownPage(page.report.run_dir), () => undefined);
}

/** As it is told at the end of a run. */
export function shownPage(runDir: string): string {
  return join(runDir, reportPageName);
}
