import type { JobReported, JournalEvent, LlmCalled } from '../../journal/events.ts';

export const reportLevels = ['FALLBACK', 'MINIMAL', 'BASIC', 'STANDARD', 'FULL'] as const;

/** As the result says; a result without one has the level `none`. */
export function reportLevelOf({ result }: JobReported): string {
  return typeof result.level === 'string' ? result.level : 'none';
}

/** The workload's jobs; those of the steady state checks are none of it. */
export function workloadJobs(events: readonly JournalEvent[]): ReadonlySet<string> {
  return new Set(events.flatMap((event) => (event.type === 'job.submitted' ? [event.job_id] : [])));
}

/** Calls of the model for jobs of the workload. */
export function callsOfWorkload(events: readonly JournalEvent[]): (LlmCalled & { readonly seq: number })[] {
  const jobs = workloadJobs(events);
  return events.filter((event) => event.type === 'llm.called').filter(({ job_id }) => job_id !== null && jobs.has(job_id));
}

export function tokensOf(call: LlmCalled): number {
  return call.prompt_tokens + call.completion_tokens;
}
