import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { Chalk } from 'chalk';
import { judgeAll, mergeVerdicts } from '../../chaos/checks/check.ts';
import { plainInvariants } from '../../chaos/checks/invariants/index.ts';
import { judgeScenario } from '../../chaos/checks/judge-scenario.ts';
import { judgeRun } from '../../chaos/engine/run-scenario.ts';
import { loadScenario } from '../../chaos/scenario/load-scenario.ts';
import { asError } from '../../core/errors.ts';
import { Problems } from '../../core/problems.ts';
import type { JournalEvent } from '../../journal/events.ts';
import { readJournal } from '../../journal/reader.ts';
import type { ScenarioReport } from '../../reporters/chaos-report.ts';
import { jsonText } from '../../reporters/json.ts';
import { plainRun, scenarioReport } from '../../reporters/scenario-report.ts';
import type { CommandHandler } from '../command.ts';
import { UsageError } from '../error-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { runsFolder } from '../run/run-folder.ts';
import { chaosReport, interruptedProblem, reportOf, type Judged } from './report-of-run.ts';
import { scenarioText } from './verdict-text.ts';
import { makeReportFolder, planReports, writeReports } from './write-reports.ts';

export const run: CommandHandler = async (input, context) => {
  const problems = new Problems();
  problems.list.push(...input.problems);
  const reports = planReports(input, context, problems);
  const [wanted = ''] = input.positionals;
  const path = problems.any ? undefined : await journalAt(wanted, context.cwd, problems);
  const events = path === undefined ? [] : await readEvents(path, wanted, problems);
  const replayed = path === undefined || problems.any ? undefined : replay(events, shownFolder(path, context.cwd), problems);
  if (replayed === undefined) throw new UsageError(problems.list);
  const report = chaosReport([replayed]);
  await makeReportFolder(reports);
  const { log } = await writeReports(reports, report);
  const json = input.options.json === true;
  const paint = new Chalk({ level: context.colour && !json ? 1 : 0 });
  context.stdout.write(json ? `${jsonText(report)}\n` : scenarioText(replayed, { paint, columns: context.columns }));
  (json ? context.stderr : context.stdout).write(log);
  for (const line of disagreements(events, replayed)) context.stderr.write(`${line}\n`);
  return exitCodes[report.verdict];
};

/** What the journal alone comes to. Undefined, with the reason in `problems`, where it is of a scenario that this version cannot read. */
function replay(events: readonly JournalEvent[], runDir: string, problems: Problems): ScenarioReport | undefined {
  const planned = events.find((event) => event.type === 'scenario.planned');
  const started = events.find((event) => event.type === 'run.started');
  if (planned === undefined) {
    const judged = judgedAgain(events, (journaled) => judgeAll(plainInvariants, journaled));
    return scenarioReport({ ...plainRun, name: started?.command ?? plainRun.name, events, runDir, ...judged });
  }
  const scenario = loadScenario(planned.path, planned.text, problems);
  if (scenario === undefined) return undefined;
  const judged = judgedAgain(events, (journaled) => judgeRun(journaled, scenario, judgeScenario));
  return reportOf(scenario, started?.seed ?? scenario.seed, { events, runDir }, judged);
}

/** As the engine did it: of what was there before the first judgement. */
function judgedAgain(events: readonly JournalEvent[], judge: (events: readonly JournalEvent[]) => ReturnType<typeof judgeAll>): Judged {
  const first = events.findIndex((event) => event.type === 'check.judged');
  const ended = events.some((event) => event.type === 'run.finished');
  if (first === -1 && ended) return { verdict: 'unknown', checks: [], problem: 'it could not begin, or not be carried on' };
  const checks = judge(first === -1 ? events : events.slice(0, first));
  if (!ended) return { verdict: 'unknown', checks, problem: 'its journal has no end' };
  if (events.some((event) => event.type === 'run.interrupted')) return { verdict: 'unknown', checks, problem: interruptedProblem };
  return { verdict: mergeVerdicts(checks.map(({ status }) => status)), checks };
}

/** Another version of the program may judge otherwise, and a journal may have been changed by hand. */
function disagreements(events: readonly JournalEvent[], { checks }: ScenarioReport): string[] {
  const live = new Map(events.flatMap((event) => (event.type === 'check.judged' ? [[event.check, event.status] as const] : [])));
  return checks.flatMap(({ name, status }) => {
    const then = live.get(name);
    return then === undefined || then === status ? [] : [`${name}: ${status} now, and was ${then} when it was run`];
  });
}

async function journalAt(wanted: string, cwd: string, problems: Problems): Promise<string | undefined> {
  const path = resolve(cwd, wanted);
  for (const candidate of [path, join(path, 'journal.ndjson'), join(cwd, runsFolder, wanted, 'journal.ndjson')]) {
    if ((await stat(candidate).catch(() => undefined))?.isFile() === true) return candidate;
  }
  problems.add(wanted, 'there is no such journal', 'name a journal.ndjson, its run folder, or a run that `netra-resilience runs` lists');
  return undefined;
}

async function readEvents(path: string, shown: string, problems: Problems): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  try {
    for await (const event of readJournal(path)) events.push(event);
    if (events[0]?.type !== 'run.started') problems.add(shown, 'is no journal of a run: it does not begin with run.started', 'name the journal.ndjson of a run folder');
  } catch (error) {
    problems.add(shown, `cannot be replayed: ${asError(error).message}`, 'name a journal as a run has left it');
  }
  return events;
}

function shownFolder(path: string, cwd: string): string {
  const folder = dirname(path);
  const inside = relative(cwd, folder);
  return inside === '' ? '.' : inside.startsWith('..') || isAbsolute(inside) ? folder : inside;
}
