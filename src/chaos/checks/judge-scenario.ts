import type { JournalEvent } from '../../journal/events.ts';
import type { PlannedExpectation, Scenario } from '../scenario/scenario.ts';
import { judgeAll, type CheckResult } from './check.ts';
import { expectations } from './expectations/index.ts';
import { judgeFaults } from './faults-happened.ts';
import { invariants } from './invariants/index.ts';

/**
 * Everything that is judged of a scenario's journal besides its course: the always-on checks, with the scenario's
 * waivers; whether its faults did anything; what it expects. Pure: the same live and from a file.
 */
export function judgeScenario(events: readonly JournalEvent[], scenario: Scenario): CheckResult[] {
  const alwaysOn = judgeAll(invariants, events).map((result) => waive(result, scenario));
  const planned = scenario.expectations.map((expectation, index) => judgeExpectation(expectation, checkName(scenario.expectations, index), events));
  return [...alwaysOn, judgeFaults(events, scenario), ...planned];
}

/** What is waived is a failure that is known; a check that could not judge has shown no such thing. */
function waive(result: CheckResult, { waivers }: Scenario): CheckResult {
  const waiver = waivers.find(({ check }) => check === result.check);
  if (waiver === undefined || result.status === 'unknown') return result;
  if (result.status === 'pass') return { ...result, detail: `${result.detail} (waived, though it holds: ${waiver.reason})` };
  return { ...result, status: 'pass', waived: waiver.reason, detail: `waived (${waiver.reason}); it failed: ${result.detail}` };
}

/** Two expectations of one kind are told apart by their number. */
function checkName(planned: readonly PlannedExpectation[], index: number): string {
  const { check } = planned[index] as PlannedExpectation;
  const same = planned.filter((each) => each.check === check);
  return same.length === 1 ? check : `${check}-${planned.slice(0, index + 1).filter((each) => each.check === check).length}`;
}

function judgeExpectation({ check, parameters }: PlannedExpectation, name: string, events: readonly JournalEvent[]): CheckResult {
  const definition = expectations.find((each) => each.name === check);
  if (definition === undefined) return { check: name, status: 'unknown', detail: `there is no expectation "${check}"`, evidence: [] };
  return judgeAll([{ name, summary: definition.summary, judge: (journaled) => definition.judge(journaled, parameters) }], events)[0] as CheckResult;
}
