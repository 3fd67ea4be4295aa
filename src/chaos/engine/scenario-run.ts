import type { Clock } from '../../core/clock.ts';
import type { InfraProvider, LlmOptions, RunningInfra } from '../../infra/provider.ts';
import type { JournalEvent, VerdictStatus } from '../../journal/events.ts';
import type { JournalWriter } from '../../journal/writer.ts';
import type { CheckResult } from '../checks/check.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { JobView } from './fleet-client.ts';
import type { HostCommand } from './host-process.ts';
import type { RunControls } from './live-faults.ts';
import type { EvidenceContext, ReportHandling } from './run-engine.ts';
import type { JobSpec } from './workload.ts';

export interface ScenarioRunOptions {
  readonly scenario: Scenario;
  /** Goes before the scenario's own. */
  readonly seed?: string;
  /** Resilience of the fleet under test is switched off; `hosts` sees to that. */
  readonly control: boolean;
  readonly runId: string;
  readonly clock: Clock;
  /** Open, in `folder`; its first event `run.started` is the caller's. */
  readonly journal: JournalWriter;
  /** Run folder, made: the undo list goes there. */
  readonly folder: { readonly path: string; readonly logs: string };
  readonly provider: InfraProvider;
  readonly cacheDir: string;
  /** A model of the user's own; without it the built-in one answers. */
  readonly llm?: Pick<LlmOptions, 'url' | 'model' | 'apiKey'>;
  /** As many as the scenario's workload asks for. */
  readonly jobs: readonly JobSpec[];
  /** Hosts to start, once it is known where the services are; called after their roles: `reporting-1`. */
  readonly hosts: (infra: RunningInfra, token: string) => readonly HostCommand[];
  /** Host that takes jobs. */
  readonly supervisorHost: string;
  readonly token: string;
  readonly handleReport: (job: JobSpec, view: JobView) => Promise<ReportHandling>;
  /** Appends to the journal what only services know. Called twice, with the fleet running and stopped. */
  readonly collectEvidence: (context: EvidenceContext) => Promise<void>;
  /** Pure: the same for a journal that is read from a file. */
  readonly judge: (events: readonly JournalEvent[], scenario: Scenario) => readonly CheckResult[];
  /** Gets what steers the run by hand, once the fleet is being started; checks judge what came of it. @default nobody does */
  readonly onControls?: (controls: RunControls) => void;
  readonly signal: AbortSignal;
}

export interface ScenarioOutcome {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly control: boolean;
  readonly runId: string;
  readonly provider: string;
  readonly folder: string;
  readonly verdict: VerdictStatus;
  readonly checks: readonly CheckResult[];
  readonly interrupted: boolean;
  readonly durationMs: number;
  /** The whole journal: what reporters fold. */
  readonly events: readonly JournalEvent[];
}
