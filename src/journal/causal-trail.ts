import { errorsIn } from './error-occurrences.ts';
import type { JournalEvent } from './events.ts';

/** One step of a trail. */
export interface TrailStep {
  /** When it happened, on the clock of `mono_ms`. */
  readonly ms: number;
  readonly event: JournalEvent;
  /** `own` belongs to the correlation; `around` happened meanwhile to what all depend on. */
  readonly relation: 'own' | 'around';
  /** Something failed in it. */
  readonly failed: boolean;
}

/** What is followed: a job's id, a correlation id, or both of one job. */
export interface TrailSubject {
  readonly jobId?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** Faults, and processes that ended or came: what they did to a job is not said by an event of that job. */
const surroundings: ReadonlySet<JournalEvent['type']> = new Set(['fault.injected', 'fault.healed', 'fault.failed', 'host.exited', 'host.ready', 'infra.exited', 'level.changed'] as const);

/** The job whose name or id it is. */
export function jobSubject(events: readonly JournalEvent[], wanted: string): (TrailSubject & { readonly jobId: string }) | undefined {
  const job = events.find((event) => event.type === 'job.submitted' && (event.job === wanted || event.job_id === wanted));
  if (job?.type !== 'job.submitted') return undefined;
  const accepted = events.find((event) => event.type === 'job.accepted' && event.job_id === job.job_id);
  return { jobId: job.job_id, ...(accepted?.type === 'job.accepted' ? { correlationId: accepted.correlation_id } : {}) };
}

/** A job's correlation id leads to its job, so that calls of the model and the job's own report are among the steps. */
export function correlationSubject(events: readonly JournalEvent[], wanted: string): TrailSubject {
  const accepted = events.find((event) => event.type === 'job.accepted' && event.correlation_id === wanted);
  return { correlationId: wanted, ...(accepted?.type === 'job.accepted' ? { jobId: accepted.job_id } : {}) };
}

/** Everything that happened on behalf of the subject on all hosts, oldest first, with what happened around it in the meantime; empty where nothing did. */
export function causalTrail(events: readonly JournalEvent[], subject: TrailSubject): TrailStep[] {
  const own = events.filter((event) => belongs(event, subject)).map((event) => step(event, 'own', subject));
  if (own.length === 0) return [];
  // Reduced, not spread: a run's own id has as many steps as the run has minutes, times thousands.
  const from = own.reduce((least, { ms }) => Math.min(least, ms), Infinity);
  const to = own.reduce((most, { ms, event }) => (afterwards.has(event.type) ? most : Math.max(most, ms)), from);
  const ownSeqs = new Set(own.map(({ event }) => event.seq));
  const around = events.filter((event) => surroundings.has(event.type) && event.mono_ms >= from && event.mono_ms <= to && !ownSeqs.has(event.seq) && !(event.type === 'host.exited' && event.expected)).map((event) => step(event, 'around', subject));
  // Stable: what happened at one instant stays in the order of the journal.
  return [...own, ...around].toSorted((a, b) => a.ms - b.ms || a.event.seq - b.event.seq);
}

/** Looked up at the end of the run. */
const afterwards: ReadonlySet<JournalEvent['type']> = new Set(['report.stored', 'report.counted', 'report.grounded', 'leftover.found'] as const);

function belongs(event: JournalEvent, { jobId, correlationId }: TrailSubject): boolean {
  const ids = event as { readonly job_id?: unknown; readonly correlation_id?: unknown };
  if (jobId !== undefined && ids.job_id === jobId) return true;
  if (correlationId === undefined) return false;
  if (ids.correlation_id === correlationId) return true;
  return event.type === 'agent.sampled' && failuresOf(event, correlationId).length > 0;
}

function failuresOf(event: JournalEvent, correlationId: string | undefined): ReturnType<typeof errorsIn> {
  return errorsIn(event).filter((error) => error.source !== 'agent.sampled' || error.correlationId === correlationId);
}

function step(event: JournalEvent, relation: TrailStep['relation'], { correlationId }: TrailSubject): TrailStep {
  const [failure] = failuresOf(event, correlationId);
  return { ms: failure?.ms ?? momentOf(event), event, relation, failed: failure !== undefined };
}

/** Calls of the model are copied from the gateway's log at the end; that log's clock is the journal's `at`. */
function momentOf(event: JournalEvent): number {
  return event.type === 'llm.called' ? Math.max(0, Math.min(event.mono_ms, event.mono_ms - (Date.parse(event.at) - event.host_at))) : event.mono_ms;
}
