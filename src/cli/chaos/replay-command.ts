import { Chalk } from 'chalk';
import { Problems } from '../../core/problems.ts';
import { jsonText } from '../../reporters/json.ts';
import type { CommandHandler } from '../command.ts';
import { UsageError } from '../error-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeMissingPage } from '../run/report-page.ts';
import { screenTerminal } from '../screen/wants-screen.ts';
import { disagreements, judgeJournal } from './judge-journal.ts';
import { readRecordedJournal, shortcomings } from './recorded-journal.ts';
import { readPlayOptions } from './replay-options.ts';
import { playOnScreen } from './replay-screen.ts';
import { chaosReport } from './report-of-run.ts';
import { scenarioText } from './verdict-text.ts';
import { makeReportFolder, planReports, writeReports } from './write-reports.ts';

export const run: CommandHandler = async (input, context) => {
  const problems = new Problems();
  problems.list.push(...input.problems);
  const reports = planReports(input, context, problems);
  const options = readPlayOptions(input, problems);
  const [wanted = ''] = input.positionals;
  const journal = problems.any ? undefined : await readRecordedJournal(wanted, context.cwd, problems);
  if (journal === undefined) throw new UsageError(problems.list);
  const terminal = screenTerminal(context, input.options);
  if (terminal !== undefined) {
    const left = await playOnScreen(journal.events, options, terminal, context);
    for (const line of await shortcomings(journal)) context.stderr.write(`${line}\n`);
    if (left === 'interrupted') return exitCodes.interrupted;
  }
  // Only now: what this version cannot judge can be looked at all the same.
  const replayed = judgeJournal(journal.events, journal.folder, problems);
  if (replayed === undefined) throw new UsageError(problems.list);
  const report = chaosReport([replayed]);
  await makeReportFolder(reports);
  const { log } = await writeReports(reports, report);
  const json = input.options.json === true;
  const paint = new Chalk({ level: context.colour && !json ? 1 : 0 });
  context.stdout.write(json ? `${jsonText(report)}\n` : scenarioText(replayed, { paint, columns: context.columns }));
  (json ? context.stderr : context.stdout).write(log);
  const page = await writeMissingPage(context.cwd, { report: replayed, events: journal.events });
  if (page !== undefined && !json) context.stdout.write(`report  ${page}\n`);
  for (const line of disagreements(journal.events, replayed)) context.stderr.write(`${line}\n`);
  return exitCodes[report.verdict];
};
