import { expectations } from '../../chaos/checks/expectations/index.ts';
import { invariants } from '../../chaos/checks/invariants/index.ts';
import { planOccurrences, type PlannedOccurrence } from '../../chaos/engine/fault-plan.ts';
import { findFault } from '../../chaos/faults/index.ts';
import { formatDuration } from '../../chaos/scenario/duration.ts';
import { hostNames } from '../../chaos/scenario/fleet-hosts.ts';
import type { Scenario } from '../../chaos/scenario/scenario.ts';
import { addressText, type ExternalTargets } from '../../infra/providers/external/targets.ts';
import type { InfraChoice } from '../../infra/providers/index.ts';
import { oneLine } from '../../reporters/visible-text.ts';

interface PlannedTime {
  readonly when: string;
  readonly fault: string;
  readonly type: string;
  readonly target: string;
  readonly lasts: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly occurrence: number;
  /** False where the seed decides against it. */
  readonly happens: boolean;
  readonly draw: number | null;
}

interface PlannedCheck {
  readonly name: string;
  readonly kind: 'always' | 'expected';
  readonly summary: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly waived?: string;
}

/** What a run of the scenario would do and judge. */
export interface DryRun {
  readonly name: string;
  readonly description: string;
  readonly seed: string;
  /** The provider, and where its services are where they are there already. */
  readonly infra: string;
  readonly hosts: readonly string[];
  readonly jobs: string;
  /** Environment variables that every host gets. */
  readonly settings: Readonly<Record<string, string>>;
  readonly timeline: readonly PlannedTime[];
  readonly checks: readonly PlannedCheck[];
  readonly limits: readonly string[];
}

/** No credentials in it. */
export function infraText(choice: InfraChoice, targets: ExternalTargets | undefined): string {
  if (targets === undefined) return choice;
  const { redis, kafka, postgres, toxiproxy } = targets;
  return `${choice}: redis ${addressText(redis)}, kafka ${kafka.map(addressText).join(' ')}, postgres ${addressText(postgres)}, toxiproxy ${toxiproxy?.url ?? 'of the run'}`;
}

export function planDryRun(scenario: Scenario, seed: string, infra: string): DryRun {
  const { workload, steadyState } = scenario;
  return {
    name: scenario.name,
    description: scenario.description,
    seed,
    infra,
    hosts: hostNames(scenario.fleet.reportingHosts),
    jobs: `${workload.jobs} jobs, ${workload.arrival.kind === 'every' ? `one every ${formatDuration(workload.arrival.everyMs)}, ` : ''}at most ${workload.concurrency} at once, each within ${formatDuration(workload.jobTimeoutMs)}`,
    settings: scenario.fleet.environment,
    timeline: planOccurrences(scenario, seed).toSorted((a, b) => orderOf(a) - orderOf(b)).map(plannedTime),
    checks: [
      { name: 'steady-state', kind: 'always', summary: `level 0 on every host and a report within ${formatDuration(steadyState.withinMs)}, before the first fault and after the last` },
      ...invariants.map(({ name, summary }): PlannedCheck => {
        const waiver = scenario.waivers.find(({ check }) => check === name);
        return { name, kind: 'always', summary, ...(waiver === undefined ? {} : { waived: waiver.reason }) };
      }),
      ...scenario.expectations.map(({ check, parameters }): PlannedCheck => ({ name: check, kind: 'expected', summary: expectations.find(({ name }) => name === check)?.summary ?? '', parameters })),
    ],
    limits: [`the jobs end after ${formatDuration(scenario.timeLimitMs)}`, ...scenario.guardrails.map(({ atLeast, lastsMs }) => `the faults end once level ${atLeast} has lasted ${formatDuration(lastsMs)}`)],
  };
}

/** What waits for an event comes after what has a time: nobody knows when. */
function orderOf(planned: PlannedOccurrence): number {
  const { start } = planned.fault;
  if (start.kind === 'before-fleet') return -1;
  return start.kind === 'at' ? start.atMs + laterBy(planned) : Number.MAX_SAFE_INTEGER;
}

function laterBy({ fault, occurrence }: PlannedOccurrence): number {
  return (occurrence - 1) * (fault.repeat?.everyMs ?? 0);
}

function whenText(planned: PlannedOccurrence): string {
  const { start } = planned.fault;
  const laterMs = laterBy(planned);
  if (start.kind === 'before-fleet') return 'before the hosts start';
  if (start.kind === 'at') return `at ${formatDuration(start.atMs + laterMs)}`;
  return `after ${counted(start)}${laterMs === 0 ? '' : ` and ${formatDuration(laterMs)}`}`;
}

function plannedTime(planned: PlannedOccurrence): PlannedTime {
  const { fault, occurrence, target, happens, draw } = planned;
  const { length } = fault;
  const momentary = findFault(fault.type)?.momentary === true;
  const lasts = momentary ? 'at once' : length.kind === 'for' ? `for ${formatDuration(length.forMs)}` : length.kind === 'until' ? `until ${counted(length)}` : 'to the end of the jobs';
  return { when: whenText(planned), fault: fault.id, type: fault.type, target, lasts, parameters: fault.parameters, occurrence, happens, draw };
}

function counted({ event, count }: { readonly event: string; readonly count: number }): string {
  return count === 1 ? event : `${count} × ${event}`;
}

export function dryRunText({ name, description, seed, infra, hosts, jobs, settings, timeline, checks, limits }: DryRun): string {
  return [
    `${name}  seed ${oneLine(seed)}`,
    `  ${oneLine(description)}`,
    `  ${jobs}; hosts ${hosts.join(', ')}`,
    `  infrastructure ${oneLine(infra)}`,
    ...(Object.keys(settings).length === 0 ? [] : [`  hosts are told${parameterText(settings)}`]),
    'timeline',
    ...(timeline.length === 0 ? ['  no fault'] : timeline.map((time) => `  ${time.when}: ${time.type}${time.target === '' ? '' : ` on ${time.target}`}, ${time.lasts}${parameterText(time.parameters)}${drawText(time)}`)),
    'checks',
    ...checks.map((check) => `  ${check.kind === 'always' ? 'always' : 'asked '} ${check.name}${parameterText(check.parameters ?? {})}: ${check.summary}${check.waived === undefined ? '' : ` (waived: ${oneLine(check.waived)})`}`),
    'limits',
    ...limits.map((limit) => `  ${limit}`),
    '',
  ].join('\n');
}

function parameterText(parameters: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? '' : ` (${entries.map(([name, value]) => `${name} ${oneLine(typeof value === 'string' ? value : JSON.stringify(value))}`).join(', ')})`;
}

function drawText({ happens, draw }: PlannedTime): string {
  return draw === null ? '' : happens ? ` (drawn ${draw.toFixed(3)}: it happens)` : ` (drawn ${draw.toFixed(3)}: it does not happen)`;
}
