import type { Recovery, Severity } from '../core/errors.ts';
import { blankedMessage } from './error-cause.ts';
import { errorsIn, type ErrorOccurrence } from './error-occurrences.ts';
import type { JournalEvent, JournalFact } from './events.ts';
import { concerns, faultsAt, faultTimes, type FaultTime } from './fault-times.ts';

/** What a code means where the event itself does not say: its row in a code table. */
export type CodeLookup = (code: string) => { readonly severity: Severity; readonly recovery: Recovery } | undefined;

export interface GroupFault {
  readonly fault: string;
  readonly type: string;
  readonly target: string;
  /** Of the group's errors. */
  readonly count: number;
  /** Its target is the dependency or one of the hosts concerned: it is not only at the same time. */
  readonly related: boolean;
}

/** Errors of one cause: same code, message (but for what varies), dependency and operation, and alike explained by a fault or not. */
export interface ErrorGroup {
  readonly code: string;
  /** With what varies left blank. */
  readonly message: string;
  readonly dependency: string | undefined;
  readonly operation: string | undefined;
  readonly severity: Severity | undefined;
  readonly recovery: Recovery | undefined;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly sources: readonly JournalFact['type'][];
  readonly hosts: readonly string[];
  readonly agents: readonly string[];
  /** By name. */
  readonly jobs: readonly string[];
  /** At work at the time of at least one of them, related ones first; empty: no fault explains it. */
  readonly faults: readonly GroupFault[];
  /** The first that belongs to a job, or the first. */
  readonly example: ErrorOccurrence & { readonly job: string | undefined };
}

export interface RunErrors {
  readonly runId: string;
  readonly total: number;
  readonly unexplained: number;
  readonly faults: readonly FaultTime[];
  /** The most frequent first. */
  readonly groups: readonly ErrorGroup[];
}

/** The errors of a run by cause, and the faults that were at work then. A run that was killed tells what it came to. */
export function groupErrors(events: readonly JournalEvent[], lookUp: CodeLookup): RunErrors {
  const faults = faultTimes(events);
  const jobs = jobNames(events);
  const jobOf = new Map(events.flatMap((event) => (event.type === 'job.accepted' ? [[event.correlation_id, event.job_id] as const] : [])));
  // Many events carry the correlation id alone.
  const withJob = (error: ErrorOccurrence): ErrorOccurrence => {
    const jobId = error.jobId ?? jobOf.get(error.correlationId ?? '');
    return jobId === undefined ? error : { ...error, jobId };
  };
  const found = events.flatMap(errorsIn).map(withJob).toSorted((a, b) => a.ms - b.ms || a.seq - b.seq);
  const byCause = Map.groupBy(found, (error) => JSON.stringify([error.code, blankedMessage(error.message), error.dependency, error.operation, faultsAt(faults, error.ms).length > 0]));
  const groups = [...byCause.values()].map((errors) => toGroup(errors, faults, jobs, lookUp));
  return {
    runId: events[0]?.run_id ?? '',
    total: found.length,
    unexplained: groups.reduce((sum, group) => sum + (group.faults.length === 0 ? group.count : 0), 0),
    faults,
    groups: groups.toSorted((a, b) => b.count - a.count || a.firstMs - b.firstMs),
  };
}

/** Of each job's id. */
export function jobNames(events: readonly JournalEvent[]): Map<string, string> {
  return new Map(events.flatMap((event) => (event.type === 'job.submitted' ? [[event.job_id, event.job] as const] : [])));
}

function toGroup(errors: readonly ErrorOccurrence[], times: readonly FaultTime[], jobs: ReadonlyMap<string, string>, lookUp: CodeLookup): ErrorGroup {
  const first = errors[0] as ErrorOccurrence;
  const example = errors.find(({ jobId }) => jobId !== undefined) ?? errors.find(({ correlationId }) => correlationId !== undefined) ?? first;
  const nameOf = (jobId: string | undefined): string | undefined => (jobId === undefined ? undefined : (jobs.get(jobId) ?? jobId));
  const known = lookUp(first.code);
  return {
    code: first.code,
    message: blankedMessage(first.message),
    dependency: first.dependency,
    operation: first.operation,
    severity: example.severity ?? known?.severity,
    recovery: example.recovery ?? known?.recovery,
    count: errors.length,
    firstMs: first.ms,
    lastMs: (errors.at(-1) as ErrorOccurrence).ms,
    sources: [...new Set(errors.map(({ source }) => source))],
    hosts: names(errors.map(({ host }) => host)),
    agents: names(errors.map(({ agent }) => agent)),
    jobs: names(errors.map(({ jobId }) => nameOf(jobId))),
    faults: faultsOf(errors, times),
    example: { ...example, job: nameOf(example.jobId) },
  };
}

function names(all: readonly (string | undefined)[]): string[] {
  return [...new Set(all.filter((name) => name !== undefined))].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Each fault once, however often it was repeated. */
function faultsOf(errors: readonly ErrorOccurrence[], times: readonly FaultTime[]): GroupFault[] {
  const faults = new Map<string, { -readonly [Name in keyof GroupFault]: GroupFault[Name] }>();
  const concerned = names(errors.flatMap(({ dependency, host }) => [dependency, host]));
  for (const { ms } of errors) {
    for (const { fault, type, target } of new Map(faultsAt(times, ms).map((time) => [time.fault, time])).values()) {
      const entry = faults.get(fault) ?? { fault, type, target, count: 0, related: concerned.some((name) => concerns(target, name)) };
      entry.count += 1;
      faults.set(fault, entry);
    }
  }
  return [...faults.values()].toSorted((a, b) => Number(b.related) - Number(a.related) || b.count - a.count);
}
