import { basename } from 'node:path';
import type { Problems } from '../../core/problems.ts';
import { suggest } from '../../core/suggestion.ts';
import type { YamlInput, YamlPath } from '../../core/yaml-input.ts';
import { eventNames, eventPhase } from '../../journal/event-names.ts';
import { expectations } from '../checks/expectations/index.ts';
import { invariants } from '../checks/invariants/index.ts';
import { findFault } from '../faults/index.ts';
import { eventHost } from './fault-entry.ts';
import { formatDuration } from './duration.ts';
import { hostNames, roleNames } from './fleet-hosts.ts';
import type { PlannedFault, Scenario } from './scenario.ts';

/** Events of which the workload gives at most one a job. */
const oncePerJob = ['job.submitted', 'job.accepted', 'job.refused', 'job.reported', 'job.overdue', 'report.grounded'];

/** What a schema cannot see: names that lead nowhere, faults that can never begin, checks that can never judge. */
export function lintScenario(scenario: Scenario, input: YamlInput, problems: Problems): void {
  const fileName = basename(scenario.source.path).replace(/\.ya?ml$/, '');
  if (scenario.name !== fileName) problems.add(input.where(['name']), `the scenario is called "${scenario.name}" and its file "${fileName}"`, 'give both the same name');
  const raw = input.value as { readonly faults?: readonly unknown[]; readonly expect?: readonly unknown[] };
  for (const fault of scenario.faults) {
    // The number at the end of an id is the entry's place, entries that could not be read included.
    const index = Number(fault.id.slice(fault.id.lastIndexOf('-') + 1)) - 1;
    lintFault(fault, scenario, { has: (key) => Object.hasOwn(raw.faults?.[index] as object, key), at: (...path) => input.where(['faults', index, ...path]), problems });
  }
  let entry = -1;
  for (const planned of scenario.expectations) {
    entry = (raw.expect ?? []).findIndex((value, place) => place > entry && (value as { check?: unknown })?.check === planned.check);
    const why = expectations.find(({ name }) => name === planned.check)?.cannotJudge?.(scenario, planned.parameters);
    if (why !== undefined) problems.add(input.where(['expect', entry]), `"${planned.check}" could never be judged: ${why}`, 'change the workload or the expectation');
  }
  const known = invariants.map(({ name }): string => name);
  scenario.waivers.forEach(({ check }, waiver) => {
    if (!known.includes(check)) problems.add(input.where(['waive', waiver, 'check']), `there is no always-on check "${check}"`, suggest(check, known, `known: ${known.join(', ')}`));
  });
}

interface Place {
  readonly has: (key: string) => boolean;
  readonly at: (...path: YamlPath) => string;
  readonly problems: Problems;
}

function lintFault(fault: PlannedFault, scenario: Scenario, { has, at, problems }: Place): void {
  const { start, length, repeat } = fault;
  const definition = findFault(fault.type);
  if (definition === undefined) return;
  const complain = (key: string, what: string, fix: string): void => problems.add(at(key), what, fix);
  if (definition.momentary === true) {
    for (const key of ['for', 'until']) if (has(key)) complain(key, `"${fault.type}" happens at once and lasts no time`, `leave "${key}" out`);
  }
  if (definition.precedesFleet === true) {
    for (const key of ['at', 'after', 'repeat']) if (has(key)) complain(key, `"${fault.type}" begins before the fleet is started`, `leave "${key}" out`);
  }
  if (definition.targets.includes('host')) lintHost(fault, scenario, at('target'), problems);
  if (start.kind === 'at' && start.atMs >= scenario.timeLimitMs) complain('at', `the fault would begin after the time limit of ${formatDuration(scenario.timeLimitMs)}`, 'begin it sooner, or raise "time_limit"');
  if (start.kind === 'after') lintCondition(start, at('after', 'event'), scenario, problems);
  if (length.kind === 'until') lintCondition(length, at('until', 'event'), scenario, problems);
  if (start.kind === 'after' && start.event.startsWith('fault.') && scenario.faults.length === 1) {
    complain('after', 'the fault waits for another one, and there is none', 'begin it after another event, or add the other fault');
  }
  if (repeat !== undefined && definition.momentary !== true && !(length.kind === 'for' && length.forMs < repeat.everyMs)) {
    complain('repeat', `the fault would begin again after ${formatDuration(repeat.everyMs)} while it still lasts`, 'give it a "for" that is shorter than "every"');
  }
}

function lintCondition({ event, count }: { readonly event: string; readonly count: number }, where: string, scenario: Scenario, problems: Problems): void {
  const phase = eventPhase(event);
  if (phase === undefined) problems.add(where, `there is no event "${event}"`, suggest(event, eventNames, `known: ${eventNames.filter((name) => eventPhase(name) === 'during').join(', ')}`));
  else if (phase !== 'during') problems.add(where, `"${event}" comes only ${phase} the jobs, so it would never count`, 'choose an event that comes while jobs run, such as checkpoint.saved');
  else if (oncePerJob.includes(event) && count > scenario.workload.jobs) problems.add(where, `"${event}" comes once a job, and there are ${scenario.workload.jobs} jobs`, `write a count of at most ${scenario.workload.jobs}`);
}

function lintHost(fault: PlannedFault, scenario: Scenario, where: string, problems: Problems): void {
  if (fault.target === eventHost) {
    if (fault.start.kind !== 'after') problems.add(where, `"${eventHost}" needs an event to begin after`, 'add "after", or name a host');
    return;
  }
  const known = [...hostNames(scenario.fleet.reportingHosts), ...roleNames];
  if (!known.includes(fault.target)) problems.add(where, `the fleet has no host "${fault.target}"`, suggest(fault.target, known, `it has ${known.join(', ')}`));
}
