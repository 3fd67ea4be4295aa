import type { Deadline } from '../../core/deadline.ts';
import type { FactSheet, Period } from '../data/fact.ts';

/** The agent's name in events, metrics and logs. */
export const reportingAgentName = 'reporting';

/** One request for one report: everything that differs between two of them. */
export interface ReportContext {
  /** The job's `run_id`; with `userId` it names the checkpoints. */
  readonly jobId: string;
  readonly userId: string;
  readonly correlationId: string;
  readonly question: string;
  readonly period: Period;
  readonly factSheets: readonly FactSheet[];
  /** What nobody answered for, one `<agent>: <why>` each; what an agent itself is missing stands in its fact sheet. */
  readonly missing: readonly string[];
  /**
   * A number that grows with every attempt at the job (its attempt counter in the database). The
   * attempt's fencing token is above it, also where Redis has been emptied or cannot be reached.
   */
  readonly attemptFloor: number;
  /** Everything else has failed: make the report that needs neither data nor model. @default false */
  readonly degrade?: boolean;
  /** Until when the caller waits; the report steps down in time to meet it. Undefined = no limit. */
  readonly deadline?: Deadline;
  /** Host shutting down, partition lost, job withdrawn: the attempt stops and leaves its checkpoints. */
  readonly signal: AbortSignal;
}
