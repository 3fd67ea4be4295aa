import type { TrailStep } from '../../journal/causal-trail.ts';
import { jobNames, type ErrorGroup, type RunErrors } from '../../journal/error-groups.ts';
import type { ErrorOccurrence } from '../../journal/error-occurrences.ts';
import type { FaultTime } from '../../journal/fault-times.ts';
import type { JournalEvent } from '../../journal/events.ts';

/** What is known of the run beside its events. */
export interface RunAbout {
  /** Run folder, as shown. */
  readonly folder: string;
  /** False where it was killed, or is under way. */
  readonly finished: boolean;
  /** As the user called it. */
  readonly wanted: string;
}

/** `errors --json`; docs/usage.md has its members. */
export function errorsObject({ runId, total, unexplained, faults, groups }: RunErrors, { folder, finished }: RunAbout): object {
  return { v: 1, run_id: runId, run_dir: folder, finished, errors: total, unexplained, faults: faults.map(faultObject), groups: groups.map(groupObject) };
}

/** Whose trail it is, and who took part. */
export interface TrailHead {
  readonly runId: string;
  readonly jobs: readonly string[];
  readonly correlationIds: readonly string[];
  readonly hosts: readonly string[];
  readonly errors: number;
}

export function trailHead(events: readonly JournalEvent[], steps: readonly TrailStep[]): TrailHead {
  const own = steps.filter(({ relation }) => relation === 'own').map(({ event }) => event);
  const names = jobNames(events);
  const idsOf = (name: 'job_id' | 'correlation_id' | 'host'): string[] => [...new Set(own.map((event) => (event as unknown as Record<string, unknown>)[name]).filter((id) => typeof id === 'string'))];
  return {
    runId: events[0]?.run_id ?? '',
    jobs: idsOf('job_id').map((id) => names.get(id) ?? id),
    correlationIds: idsOf('correlation_id'),
    hosts: idsOf('host'),
    errors: steps.filter(({ failed, relation }) => failed && relation === 'own').length,
  };
}

/** `errors --job` and `--correlation` with `--json`. */
export function trailObject({ runId, jobs, correlationIds, hosts, errors }: TrailHead, steps: readonly TrailStep[], { folder, finished }: RunAbout): object {
  return { v: 1, run_id: runId, run_dir: folder, finished, jobs, correlation_ids: correlationIds, hosts, errors, steps: steps.map(({ ms, relation, failed, event }) => ({ ms, relation, failed, event })) };
}

function faultObject({ fault, type, target, occurrence, fromMs, toMs }: FaultTime): object {
  return { fault, type, target, occurrence, from_ms: fromMs, to_ms: toMs ?? null };
}

function groupObject(group: ErrorGroup): object {
  const { code, message, dependency, operation, severity, recovery, count, firstMs, lastMs, sources, hosts, agents, jobs, faults, example } = group;
  return { code, message, dependency: dependency ?? null, operation: operation ?? null, severity: severity ?? null, recovery: recovery ?? null, count, first_ms: firstMs, last_ms: lastMs, sources, hosts, agents, jobs, faults, example: exampleObject(example) };
}

function exampleObject({ seq, ms, source, message, host, agent, jobId, job, correlationId }: ErrorOccurrence & { readonly job: string | undefined }): object {
  return { seq, ms, source, message, host: host ?? null, agent: agent ?? null, job: job ?? null, job_id: jobId ?? null, correlation_id: correlationId ?? null };
}
