import type { VerdictStatus } from '../../journal/events.ts';
import type { Span } from '../../journal/event-text.ts';
import type { DependencyName } from '../../journal/fleet-events.ts';
import type { Ring } from './ring.ts';

export const dependencyNames: readonly DependencyName[] = ['redis', 'kafka', 'postgres', 'llm'];
export type Tier = 'supervisor' | 'system' | 'reporting' | 'business';
export type HostStatus = 'starting' | 'listening' | 'ready' | 'crashed' | 'ended';

export interface HeaderState {
  runId: string;
  /** `run`, `chaos`. */
  command: string;
  /** Empty for a run without a scenario. */
  scenario: string;
  description: string;
  provider: string;
  seed: string;
  control: boolean;
  /** As announced when the run began. */
  jobsTotal: number;
  phase: 'starting' | 'steady state' | 'working' | 'judging' | 'done';
  verdict: VerdictStatus | undefined;
  interrupted: boolean;
  finishedAtMs: number | undefined;
}

export interface HostState {
  readonly host: string;
  /** The name without its number: `reporting` of `reporting-2`. */
  readonly role: string;
  status: HostStatus;
  /** When `status` was reached, mono_ms. */
  sinceMs: number;
  restarts: number;
  level: number;
  levelReason: string;
}

export interface AgentError {
  readonly atMs: number;
  readonly seq: number;
  readonly operation: string;
  readonly code: string;
  readonly message: string;
  readonly severity: string;
  readonly recovery: string;
  readonly jobId: string | undefined;
  readonly correlationId: string | undefined;
}

export interface AgentState {
  readonly agent: string;
  readonly host: string;
  readonly tier: Tier;
  messages: number;
  errors: number;
  /** Jobs and operations begun and not ended. */
  readonly working: Set<string>;
  /** As said by the last sample, where it counts no single ones. */
  sampledWorking: number;
  lastAtMs: number;
  lastOperation: string;
  /** The last 100. */
  readonly recentErrors: Ring<AgentError>;
}

export interface LatencySample {
  readonly atMs: number;
  readonly host: string;
  readonly calls: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly maxMs: number;
}

export interface DependencyState {
  readonly name: DependencyName;
  /** By host: what it last said; absent while it has said nothing. */
  readonly byHost: Map<string, { readonly up: boolean; readonly detail: string; readonly sinceMs: number }>;
  /** The last 480: two minutes of four hosts. */
  readonly samples: Ring<LatencySample>;
  calls: number;
  failures: number;
}

export interface BreakerState {
  readonly breaker: string;
  readonly host: string;
  /** As the journal writes it: closed, open, half-open. */
  state: string;
  sinceMs: number;
  /** State before; empty where it never changed. */
  from: string;
  transitions: number;
  /** 0..1; undefined where too few calls were seen. */
  failureRate: number | undefined;
  calls: number;
  /** mono_ms of the next probe; undefined unless open. */
  probeAtMs: number | undefined;
}

export type SectionStatus = 'writing' | 'written' | 'saved' | 'resumed';
export interface SectionState {
  readonly section: string;
  status: SectionStatus;
  source: 'model' | 'template' | 'cache' | 'checkpoint' | undefined;
  /** As it was generated; empty where a host does not tell, and for old jobs. */
  text: string;
}

export type JobStatus = 'submitted' | 'accepted' | 'working' | 'reported' | 'refused' | 'overdue';
export interface JobState {
  readonly job: string;
  readonly jobId: string;
  readonly userId: string;
  readonly question: string;
  /** Made to judge a steady state; counted nowhere. */
  readonly steady: boolean;
  status: JobStatus;
  readonly submittedAtMs: number;
  endedAtMs: number | undefined;
  host: string;
  attempts: number;
  readonly sections: Map<string, SectionState>;
  checkpointsSaved: number;
  checkpointsRejected: number;
  resumes: number;
  /** FULL … MINIMAL; undefined until reported. */
  level: string | undefined;
  success: boolean;
  missingData: readonly string[];
  problem: string | undefined;
  reportPath: string | undefined;
}

export interface FaultState {
  readonly fault: string;
  readonly type: string;
  readonly target: string;
  readonly occurrence: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly byUser: boolean;
  readonly injectedAtMs: number;
  /** Known length; undefined where an event or the end of the run heals it. */
  readonly lastsMs: number | undefined;
  healedAtMs: number | undefined;
  affected: number | null | undefined;
  unit: string | undefined;
}

/** What stands in the timeline above the bars of the faults. */
export type MarkKind = 'level' | 'host-exit' | 'host-back' | 'breaker-open' | 'breaker-closed' | 'resumed' | 'reported' | 'lost';
export interface TimelineMark {
  readonly atMs: number;
  readonly kind: MarkKind;
  readonly text: string;
  /** Reports of one second share a mark. */
  readonly count: number;
}

export interface TailLine {
  readonly seq: number;
  readonly atMs: number;
  readonly spans: readonly Span[];
}

export interface CheckState {
  readonly check: string;
  readonly status: VerdictStatus;
  readonly detail: string;
}

export interface ScreenState {
  /** Last event folded, 0 before the first. */
  seq: number;
  /** mono_ms of the last event. */
  atMs: number;
  readonly header: HeaderState;
  readonly services: Map<string, { readonly address: string; readonly readyInMs: number }>;
  readonly hosts: Map<string, HostState>;
  /** By `host/agent`. */
  readonly agents: Map<string, AgentState>;
  readonly dependencies: ReadonlyMap<DependencyName, DependencyState>;
  /** By `host/breaker`. */
  readonly breakers: Map<string, BreakerState>;
  /** By id, in the order of submission. */
  readonly jobs: Map<string, JobState>;
  readonly counts: { submitted: number; accepted: number; reported: number; refused: number; overdue: number; resumed: number; checkpoints: number; byLevel: Map<string, number> };
  /** Ids of the jobs that are neither reported, refused nor overdue. */
  readonly openJobs: Set<string>;
  /** Ids of the others, in the order in which they ended. */
  readonly endedJobs: string[];
  /** Every time of every fault, in the order in which they began. */
  readonly faults: FaultState[];
  readonly marks: Ring<TimelineMark>;
  /** Fleet level as it changed; the first entry is level 0 at 0. */
  readonly levels: { readonly atMs: number; readonly level: number; readonly reason: string }[];
  readonly tail: Ring<TailLine>;
  readonly checks: CheckState[];
}

/** Level of the fleet: the worst of its hosts. */
export function fleetLevel(state: ScreenState): { readonly level: number; readonly reason: string } {
  return state.levels.at(-1) ?? { level: 0, reason: '' };
}

/** Injected and not healed. */
export function activeFaults(state: ScreenState): readonly FaultState[] {
  return state.faults.filter((fault) => fault.healedAtMs === undefined);
}

export type DependencyStatus = 'unknown' | 'up' | 'partly down' | 'down';

/** What the hosts say together. */
export function dependencyStatus(dependency: DependencyState): DependencyStatus {
  const views = [...dependency.byHost.values()];
  const down = views.filter(({ up }) => !up).length;
  if (down > 0) return down === views.length ? 'down' : 'partly down';
  return views.length > 0 || dependency.calls > dependency.failures ? 'up' : 'unknown';
}
