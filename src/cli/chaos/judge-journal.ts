import { judgeAll, mergeVerdicts } from '../../chaos/checks/check.ts';
import { plainInvariants } from '../../chaos/checks/invariants/index.ts';
import { judgeScenario } from '../../chaos/checks/judge-scenario.ts';
import { judgeRun } from '../../chaos/engine/run-scenario.ts';
import { loadScenario } from '../../chaos/scenario/load-scenario.ts';
import type { Problems } from '../../core/problems.ts';
import type { JournalEvent } from '../../journal/events.ts';
import type { ScenarioReport } from '../../reporters/chaos-report.ts';
import { plainRun, scenarioReport } from '../../reporters/scenario-report.ts';
import { interruptedProblem, reportOf, type Judged } from './report-of-run.ts';

/** What the journal alone comes to. Undefined, with the reason in `problems`, where it is of a scenario that this version cannot read. */
export function judgeJournal(events: readonly JournalEvent[], runDir: string, problems: Problems): ScenarioReport | undefined {
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
export function disagreements(events: readonly JournalEvent[], { checks }: ScenarioReport): string[] {
  const live = new Map(events.flatMap((event) => (event.type === 'check.judged' ? [[event.check, event.status] as const] : [])));
  return checks.flatMap(({ name, status }) => {
    const then = live.get(name);
    return then === undefined || then === status ? [] : [`${name}: ${status} now, and was ${then} when it was run`];
  });
}
