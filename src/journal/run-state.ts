import type { InfraServiceReady, JobReported, JobSubmitted, JournalEvent, VerdictStatus } from './events.ts';

export interface JobState {
  readonly job: string;
  readonly jobId: string;
  readonly userId: string;
  readonly question: string;
  readonly status: 'submitted' | 'accepted' | 'refused' | 'reported' | 'overdue';
  readonly checkpointsSaved: number;
  readonly resumedSections: number;
  readonly level?: string;
  readonly sections: readonly string[];
  readonly missingData: readonly string[];
  readonly recoveryPerformed: boolean;
  readonly success: boolean;
  readonly durationMs?: number;
  readonly reportPath?: string;
  readonly problem?: string;
}

/** What a run has come to, as a fold of its journal: the same live and on replay. */
export interface RunState {
  runId: string;
  seed: string;
  provider: string;
  command: string;
  startedAt: string;
  readonly hosts: Map<string, 'started' | 'listening' | 'ready' | 'exited'>;
  readonly levels: Map<string, number>;
  readonly breakers: Map<string, string>;
  readonly jobs: Map<string, JobState>;
  /** How long each service took to be ready; steps only of containers. */
  readonly services: Map<string, Pick<InfraServiceReady, 'started_in_ms' | 'phases'>>;
  readonly timings: { infraReadyMs?: number; fleetReadyMs?: number; firstReportMs?: number; totalMs?: number };
  interrupted: boolean;
  verdict?: VerdictStatus;
}

export function newRunState(): RunState {
  return { runId: '', seed: '', provider: '', command: '', startedAt: '', hosts: new Map(), levels: new Map(), breakers: new Map(), jobs: new Map(), services: new Map(), timings: {}, interrupted: false };
}

/** Changes `state` in place (a run has thousands of events); events of unknown type change nothing. */
export function applyEvent(state: RunState, event: JournalEvent): void {
  switch (event.type) {
    case 'run.started':
      state.runId = event.run_id;
      state.seed = event.seed;
      state.provider = event.provider;
      state.command = event.command;
      state.startedAt = event.at;
      break;
    case 'infra.service_ready':
      state.services.set(event.service, { started_in_ms: event.started_in_ms, ...(event.phases === undefined ? {} : { phases: event.phases }) });
      break;
    case 'infra.ready':
      state.timings.infraReadyMs = event.mono_ms;
      break;
    case 'fleet.ready':
      state.timings.fleetReadyMs = event.mono_ms;
      break;
    case 'host.started':
      state.hosts.set(event.host, 'started');
      break;
    case 'host.listening':
      state.hosts.set(event.host, 'listening');
      break;
    case 'host.ready':
      state.hosts.set(event.host, 'ready');
      break;
    case 'host.exited':
      state.hosts.set(event.host, 'exited');
      break;
    case 'level.changed':
      state.levels.set(event.host, event.to);
      break;
    case 'breaker.transition':
      state.breakers.set(`${event.host}/${event.breaker}`, event.to);
      break;
    case 'job.submitted':
      state.jobs.set(event.job_id, newJob(event));
      break;
    case 'job.accepted':
      changeJob(state, event.job_id, { status: 'accepted' });
      break;
    case 'job.refused':
      changeJob(state, event.job_id, { status: 'refused', problem: `${event.code}: ${event.message}` });
      break;
    case 'job.overdue':
      changeJob(state, event.job_id, { status: 'overdue', problem: `no report after ${Math.round(event.waited_ms / 1_000)} s` });
      break;
    case 'checkpoint.saved':
      if (event.job_id !== undefined) changeJob(state, event.job_id, { checkpointsSaved: (state.jobs.get(event.job_id)?.checkpointsSaved ?? 0) + 1 });
      break;
    case 'job.reported':
      state.timings.firstReportMs ??= event.mono_ms;
      changeJob(state, event.job_id, reported(event));
      break;
    case 'run.interrupted':
      state.interrupted = true;
      break;
    case 'run.finished':
      state.verdict = event.verdict;
      state.timings.totalMs = event.mono_ms;
      break;
  }
}

function newJob(event: JobSubmitted): JobState {
  return {
    job: event.job,
    jobId: event.job_id,
    userId: event.user_id,
    question: event.question,
    status: 'submitted',
    checkpointsSaved: 0,
    resumedSections: 0,
    sections: [],
    missingData: [],
    recoveryPerformed: false,
    success: false,
  };
}

/** A result that breaks its contract is shown as far as it can be read; that it does is a check's matter. */
function reported({ result, sections, duration_ms, report_path }: JobReported): Partial<JobState> {
  return {
    status: 'reported',
    success: result.success === true,
    level: typeof result.level === 'string' ? result.level : 'unknown',
    sections,
    resumedSections: typeof result.resumed_sections === 'number' ? result.resumed_sections : 0,
    missingData: Array.isArray(result.missing_data) ? result.missing_data.map(String) : [],
    recoveryPerformed: result.recovery_performed === true,
    durationMs: duration_ms,
    reportPath: report_path,
  };
}

function changeJob(state: RunState, jobId: string, change: Partial<JobState>): void {
  const job = state.jobs.get(jobId);
  if (job !== undefined) state.jobs.set(jobId, { ...job, ...change });
}
