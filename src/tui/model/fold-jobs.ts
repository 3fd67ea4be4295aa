import type { JobReported, JournalEvent } from '../../journal/events.ts';
import type { JobState, JobStatus, ScreenState, SectionState, SectionStatus } from './screen-state.ts';

/** Jobs whose texts are kept: a long run has more of them than anybody opens. */
const textsKept = 200;

/** Jobs, and their sections as they are written, saved, lost and resumed. */
export function foldJobs(state: ScreenState, event: JournalEvent): void {
  if (event.type === 'job.submitted') {
    const { job, job_id: jobId, user_id: userId, question, mono_ms: atMs } = event;
    state.jobs.set(jobId, newJob(job, jobId, userId, question, atMs, false));
    state.openJobs.add(jobId);
    state.counts.submitted += 1;
    return;
  }
  if (!('job_id' in event) || event.job_id === undefined || event.job_id === null) return;
  const job = state.jobs.get(event.job_id) ?? steadyJob(state, event.job_id, event);
  if (job === undefined) return;
  switch (event.type) {
    case 'job.accepted':
      // Its host may have told of its work before the answer was here.
      if (job.status === 'submitted') job.status = 'accepted';
      state.counts.accepted += 1;
      break;
    case 'job.refused':
      end(state, job, 'refused', event.mono_ms, `${event.code}: ${event.message}`);
      break;
    case 'job.overdue':
      end(state, job, 'overdue', event.mono_ms, `no report after ${Math.round(event.waited_ms / 1_000)} s`);
      break;
    case 'job.reported':
      report(state, job, event, event.mono_ms);
      break;
    case 'agent.started':
      if (event.operation === undefined || ended(job)) break;
      job.status = 'working';
      job.host = event.host;
      job.attempts += 1;
      break;
    case 'agent.thinking':
      if (event.section === undefined) break;
      job.host = event.host;
      if (!ended(job)) job.status = 'working';
      mark(job, event.section, 'writing');
      break;
    case 'section.completed': {
      const section = mark(job, event.section, event.source === 'checkpoint' ? 'resumed' : 'written');
      section.source = event.source;
      section.text = event.text;
      break;
    }
    case 'checkpoint.saved':
      job.checkpointsSaved += 1;
      state.counts.checkpoints += job.steady ? 0 : 1;
      mark(job, event.section, 'saved');
      break;
    case 'checkpoint.resumed':
      job.resumes += 1;
      if (job.resumes === 1 && !job.steady) state.counts.resumed += 1;
      job.host = event.host;
      for (const section of event.sections) mark(job, section, 'resumed');
      break;
    case 'checkpoint.rejected':
      job.checkpointsRejected += 1;
      break;
    case 'agent.completed':
      if (!job.steady) break;
      job.level = event.level;
      job.success = true;
      end(state, job, 'reported', event.mono_ms, undefined);
      break;
  }
}

function newJob(job: string, jobId: string, userId: string, question: string, atMs: number, steady: boolean): JobState {
  return {
    job,
    jobId,
    userId,
    question,
    steady,
    status: 'submitted',
    submittedAtMs: atMs,
    endedAtMs: undefined,
    host: '',
    attempts: 0,
    sections: new Map(),
    checkpointsSaved: 0,
    checkpointsRejected: 0,
    resumes: 0,
    level: undefined,
    success: false,
    missingData: [],
    problem: undefined,
    reportPath: undefined,
  };
}

/** A steady state is judged by jobs of its own, which only hosts tell of. */
function steadyJob(state: ScreenState, jobId: string, event: JournalEvent): JobState | undefined {
  const name = /-(steady-.+)$/.exec(jobId)?.[1];
  if (name === undefined) return undefined;
  const userId = 'user_id' in event && typeof event.user_id === 'string' ? event.user_id : '';
  const job = newJob(name, jobId, userId, 'Is the fleet in its steady state?', event.mono_ms, true);
  state.jobs.set(jobId, job);
  return job;
}

function mark(job: JobState, name: string, status: SectionStatus): SectionState {
  const section: SectionState = job.sections.get(name) ?? { section: name, status, source: undefined, text: '' };
  job.sections.set(name, section);
  // A section that was saved stays so until it is written anew: `written` may come after its checkpoint.
  if (!(status === 'written' && section.status === 'saved')) section.status = status;
  return section;
}

function ended({ status }: JobState): boolean {
  return status === 'reported' || status === 'refused' || status === 'overdue';
}

/** A result that breaks its contract is shown as far as it can be read; that it does is a check's matter. */
function report(state: ScreenState, job: JobState, { result, sections, report_path }: JobReported, atMs: number): void {
  job.success = result.success === true;
  job.level = typeof result.level === 'string' ? result.level : 'unknown';
  job.missingData = Array.isArray(result.missing_data) ? result.missing_data.map(String) : [];
  job.reportPath = report_path;
  // A host whose events were lost has made them all the same.
  for (const section of sections) if (!job.sections.has(section)) mark(job, section, 'written');
  state.counts.byLevel.set(job.level, (state.counts.byLevel.get(job.level) ?? 0) + 1);
  end(state, job, 'reported', atMs, job.success ? undefined : 'the report says that it failed');
}

function end(state: ScreenState, job: JobState, status: JobStatus & ('reported' | 'refused' | 'overdue'), atMs: number, problem: string | undefined): void {
  job.status = status;
  job.endedAtMs = atMs;
  job.problem = problem;
  state.openJobs.delete(job.jobId);
  if (job.steady) return;
  state.counts[status] += 1;
  state.endedJobs.push(job.jobId);
  const old = state.jobs.get(state.endedJobs.at(-1 - textsKept) ?? '');
  for (const section of old?.sections.values() ?? []) section.text = '';
}
