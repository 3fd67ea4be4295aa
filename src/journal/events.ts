import type { FleetEvent } from './fleet-events.ts';

export const JOURNAL_VERSION = 1;
export type VerdictStatus = 'pass' | 'fail' | 'unknown';

/** First event of every journal: what is needed to understand the rest, or to repeat it. */
export interface RunStarted {
  readonly type: 'run.started';
  readonly command: string;
  readonly seed: string;
  readonly provider: string;
  readonly control: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: { readonly platform: string; readonly cpus: number; readonly memory_mb: number };
  readonly jobs: number;
}
export interface DataRead {
  readonly type: 'data.read';
  readonly table: string;
  readonly file: string;
  readonly rows_read: number;
  readonly rows_used: number;
  readonly rows_rejected: number;
  readonly duplicates: number;
}
export interface InfraServiceReady {
  readonly type: 'infra.service_ready';
  readonly service: string;
  readonly address: string;
  readonly started_in_ms: number;
  /** Steps of bringing up a container. */
  readonly phases?: { readonly pull_ms: number; readonly create_ms: number; readonly start_ms: number; readonly ready_ms: number };
}
/** The image of a container is being fetched. */
export interface InfraImagePull {
  readonly type: 'infra.image_pull';
  readonly service: string;
  readonly image: string;
  readonly received_mb: number;
  /** Of what is known of it so far. */
  readonly total_mb: number;
  readonly done: boolean;
}
/** Services that stay up after the run, and the command that removes them. */
export interface InfraKept {
  readonly type: 'infra.kept';
  readonly services: readonly { readonly service: string; readonly url: string }[];
  readonly remove: string;
}
export interface InfraWarning {
  readonly type: 'infra.warning';
  readonly service: string;
  readonly message: string;
}
export interface InfraReady {
  readonly type: 'infra.ready';
  readonly duration_ms: number;
}
/** A process or container of the infrastructure ended without having been asked to. */
export interface InfraExited {
  readonly type: 'infra.exited';
  readonly services: readonly string[];
  /** null for a container. */
  readonly pid: number | null;
  readonly container?: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
}
export interface HostStarted {
  readonly type: 'host.started';
  readonly host: string;
  readonly pid: number;
  /** 0 for the first start, counted up with each restart. */
  readonly restart: number;
}
export interface HostListening {
  readonly type: 'host.listening';
  readonly host: string;
  readonly url: string;
}
export interface HostReady {
  readonly type: 'host.ready';
  readonly host: string;
  readonly duration_ms: number;
}
export interface HostExited {
  readonly type: 'host.exited';
  readonly host: string;
  readonly pid: number;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly expected: boolean;
}
export interface FleetReady {
  readonly type: 'fleet.ready';
  readonly duration_ms: number;
}
export interface JobSubmitted {
  readonly type: 'job.submitted';
  readonly job: string;
  readonly job_id: string;
  readonly user_id: string;
  readonly question: string;
}
export interface JobAccepted {
  readonly type: 'job.accepted';
  readonly job: string;
  readonly job_id: string;
  readonly correlation_id: string;
}
/** The fleet refused the job, or could not be reached in time: it promised nothing. */
export interface JobRefused {
  readonly type: 'job.refused';
  readonly job: string;
  readonly job_id: string;
  readonly code: string;
  readonly message: string;
}
export interface JobReported {
  readonly type: 'job.reported';
  readonly job: string;
  readonly job_id: string;
  readonly user_id: string;
  readonly duration_ms: number;
  /** D05, less the report itself. Members that the fleet left out are absent here, and a check says so. */
  readonly result: Readonly<Record<string, unknown>>;
  readonly sections: readonly string[];
  readonly report_path: string;
}
/** Accepted, and no report at the end of the time the run allows. */
export interface JobOverdue {
  readonly type: 'job.overdue';
  readonly job: string;
  readonly job_id: string;
  readonly waited_ms: number;
}
/** Every number of the report was looked up among its facts. */
export interface ReportGrounded {
  readonly type: 'report.grounded';
  readonly job: string;
  readonly job_id: string;
  readonly numbers: number;
  readonly ungrounded: readonly string[];
}
/** How many reports the database holds for a job, counted beside the proxies at the end. */
export interface ReportCounted {
  readonly type: 'report.counted';
  readonly job_id: string;
  readonly reports: number;
}
/** What the database holds of a job's report, read beside the proxies at the end. */
export interface ReportStored {
  readonly type: 'report.stored';
  readonly job_id: string;
  /** Whose it is, as the row says; the report itself may say it again. */
  readonly user_id: string;
  readonly document_user_id: string | null;
  readonly level: string;
  /** `source` is `model`, `template` or `cache`. Empty where the report is plain text. */
  readonly sections: readonly { readonly name: string; readonly source: string }[];
}
export interface CheckJudged {
  readonly type: 'check.judged';
  readonly check: string;
  readonly status: VerdictStatus;
  readonly detail: string;
}
/** The scenario of a chaos run, whole, so that the journal alone is enough to judge again. */
export interface ScenarioPlanned {
  readonly type: 'scenario.planned';
  readonly name: string;
  readonly path: string;
  /** sha256 of the text. */
  readonly hash: string;
  readonly text: string;
}
/** Level 0 on every host and a job that succeeds; judged before the first fault and after the last. */
export interface SteadyChecked {
  readonly type: 'steady.checked';
  readonly phase: 'before' | 'after';
  readonly met: boolean;
  readonly waited_ms: number;
  readonly detail: string;
}
export interface FaultInjected {
  readonly type: 'fault.injected';
  readonly fault: string;
  readonly fault_type: string;
  readonly target: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Which time of a repeated fault, from 1. */
  readonly occurrence: number;
  /** How long it is to last, where that is known beforehand; of a fault that precedes the fleet, counted from the beginning of the jobs. */
  readonly lasts_ms?: number;
  /** Absent where the scenario did it. */
  readonly by?: 'user';
}
/** The seed decided against this time of a fault with a probability. */
export interface FaultSkipped {
  readonly type: 'fault.skipped';
  readonly fault: string;
  readonly occurrence: number;
  readonly probability: number;
  readonly draw: number;
}
export interface FaultHealed {
  readonly type: 'fault.healed';
  readonly fault: string;
  readonly occurrence: number;
  /** null where nobody can count it. */
  readonly affected: number | null;
  readonly unit: string;
  /** Why now: its time was up, somebody wanted it by hand, the run ended, it was interrupted. */
  readonly reason: 'length' | 'user' | 'end' | 'interrupted';
}
/** A fault that could not be injected or taken back, or whose start never came. */
export interface FaultFailed {
  readonly type: 'fault.failed';
  readonly fault: string;
  readonly phase: 'inject' | 'heal' | 'start';
  readonly detail: string;
}
export interface GuardrailTripped {
  readonly type: 'guardrail.tripped';
  readonly guardrail: string;
  readonly detail: string;
}
/** One call in the LLM gateway's own log, copied at the end of the run. */
export interface LlmCalled {
  readonly type: 'llm.called';
  readonly call_id: string;
  readonly host_at: number;
  readonly host: string | null;
  readonly job_id: string | null;
  /** On whose behalf it was asked; absent where the gateway was not told. */
  readonly user_id?: string;
  readonly section: string | null;
  readonly attempt: number | null;
  readonly status: number | null;
  readonly outcome: string;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly duration_ms: number;
  /** Id of the fault that answered or spoiled it; null where none did. */
  readonly fault: string | null;
}
/** Something that should not be there after the fleet was stopped. */
export interface LeftoverFound {
  readonly type: 'leftover.found';
  readonly kind: 'process' | 'key' | 'group' | 'proxy';
  readonly name: string;
  /** Of a key: whose checkpoint it is, and when it goes by itself; null where it never does. */
  readonly job_id?: string;
  readonly expires_in_ms?: number | null;
}
/** Everything was looked through for leftovers; without this a check cannot say that there are none. */
export interface LeftoversSought {
  readonly type: 'leftover.sought';
  readonly kinds: readonly string[];
}
export interface RunInterrupted {
  readonly type: 'run.interrupted';
  readonly reason: string;
}
export interface RunFinished {
  readonly type: 'run.finished';
  readonly verdict: VerdictStatus;
  readonly duration_ms: number;
}

/** A host's event: its type `checkpoint_saved` becomes `checkpoint.saved`, its other members stay (`host_at` is the host's own clock). */
export type FleetRecord = FleetEvent extends infer Event ? (Event extends FleetEvent ? Omit<Event, 'type' | 'at'> & { readonly type: DottedType<Event['type']>; readonly host_at: number } : never) : never;
type DottedType<Type extends string> = Type extends `${infer Area}_${infer Verb}` ? `${Area}.${Verb}` : Type;

export type JournalFact =
  | RunStarted
  | DataRead
  | InfraServiceReady
  | InfraImagePull
  | InfraKept
  | InfraWarning
  | InfraReady
  | InfraExited
  | HostStarted
  | HostListening
  | HostReady
  | HostExited
  | FleetReady
  | JobSubmitted
  | JobAccepted
  | JobRefused
  | JobReported
  | JobOverdue
  | ReportGrounded
  | ReportCounted
  | ReportStored
  | CheckJudged
  | ScenarioPlanned
  | SteadyChecked
  | FaultInjected
  | FaultSkipped
  | FaultHealed
  | FaultFailed
  | GuardrailTripped
  | LlmCalled
  | LeftoverFound
  | LeftoversSought
  | RunInterrupted
  | RunFinished
  | FleetRecord;

/** One line of a journal. `seq` counts from 1 without gaps; `mono_ms` from the start of the run. */
export type JournalEvent = JournalFact & { readonly v: 1; readonly seq: number; readonly at: string; readonly mono_ms: number; readonly run_id: string };

/** What hosts may tell of: the types of `FleetEvent` begin so. */
const fleetAreas: ReadonlySet<string> = new Set(['agent', 'checkpoint', 'section', 'level', 'dependency', 'breaker', 'retry', 'fallback', 'database']);

/**
 * A host's event as the journal writes it. A type of another area than the fleet's (a fleet under test may
 * say what it likes) gets `foreign.` put before it: no host can write `job.reported` or `run.finished`.
 */
export function toFleetRecord(event: FleetEvent): FleetRecord {
  const { type, at, ...rest } = event;
  const dotted = type.replace('_', '.');
  const known = fleetAreas.has(dotted.split('.')[0] as string);
  return { ...rest, type: known ? dotted : `foreign.${type}`, host_at: at } as FleetRecord;
}
