import type { Clock } from '../../core/clock.ts';
import { newCorrelationId } from '../../core/ids.ts';
import type { CallOptions } from '../connectors/call.ts';
import type { FleetDatabase } from '../connectors/database/fleet-database.ts';
import type { SqlValue } from '../data/sql-database.ts';
import { AgentError } from '../agents/error-codes.ts';
import { reportResultSchema, type JobSubmission, type JobView, type ReportResult } from './job.ts';
import type { ReportRequest } from './messages.ts';

interface JobRow {
  readonly run_id: string;
  readonly user_id: string;
  readonly correlation_id: string;
  readonly question: string;
  readonly period_from: string;
  readonly period_to: string;
  readonly timeout_ms: number | null;
  readonly accepted_at: number;
}

interface ViewRow extends JobRow {
  readonly dispatches: number | null;
  readonly result: string | null;
  readonly stored_at: number | null;
}

export interface UnfinishedJob {
  readonly request: ReportRequest;
  /** 0 = no reporting host has been given it yet. */
  readonly dispatches: number;
}

/** Jobs as the database holds them: accepted once, never changed, complete when a report is there. */
export class JobStore {
  readonly #database: FleetDatabase;
  readonly #clock: Clock;

  constructor(database: FleetDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * Resolves once the job is durable. The same run id with the same content is the same job, so that a
   * client may repeat a request whose answer it lost; with another content it throws `JOB_CONFLICT`.
   */
  async accept(submission: JobSubmission, correlationId: string, options: CallOptions): Promise<ReportRequest> {
    const runId = submission.run_id ?? newCorrelationId();
    const content: Record<string, SqlValue> = {
      user_id: submission.user_id,
      question: submission.question,
      period_from: submission.period.from,
      period_to: submission.period.to,
      timeout_ms: submission.timeout_ms ?? null,
    };
    const { changed } = await this.#database.recordWrite(
      { table: 'jobs', key: { run_id: runId }, row: { ...content, correlation_id: correlationId, accepted_at: this.#clock.now() }, conflict: 'keep-first' },
      options,
    );
    const row = await this.#row(runId, options);
    const same = !changed && Object.entries(content).every(([column, value]) => row[column as keyof JobRow] === value);
    if (!changed && !same) throw new AgentError('JOB_CONFLICT', `run id '${runId}' was accepted before with another content`, { context: { run_id: runId } });
    return toRequest(row);
  }

  /** @param options.userId whose job it has to be; somebody else's is as unknown as one that is not there */
  async view(runId: string, options: CallOptions & { readonly userId?: string }): Promise<JobView> {
    const rows = await this.#database.query<ViewRow>(
      `SELECT j.*, p.dispatches AS dispatches, r.result AS result, r.stored_at AS stored_at
       FROM jobs j LEFT JOIN job_progress p ON p.run_id = j.run_id LEFT JOIN reports r ON r.run_id = j.run_id WHERE j.run_id = $1`,
      [runId],
      options,
    );
    const row = rows[0];
    if (row === undefined || (options.userId !== undefined && row.user_id !== options.userId)) throw new AgentError('JOB_UNKNOWN', `no job '${runId}' has been accepted`);
    return {
      run_id: row.run_id,
      user_id: row.user_id,
      correlation_id: row.correlation_id,
      status: row.result !== null ? 'completed' : row.dispatches !== null ? 'running' : 'accepted',
      attempts: row.dispatches ?? 0,
      accepted_at: row.accepted_at,
      ...(row.stored_at === null ? {} : { completed_at: row.stored_at }),
      ...(row.result === null ? {} : { result: reportResultSchema.parse(JSON.parse(row.result)) }),
    };
  }

  /** Oldest first; what a restarted orchestrator goes on with. */
  async unfinished(limit: number, options: CallOptions): Promise<UnfinishedJob[]> {
    const rows = await this.#database.query<JobRow & { readonly dispatches: number | null }>(
      `SELECT j.*, p.dispatches AS dispatches FROM jobs j LEFT JOIN reports r ON r.run_id = j.run_id LEFT JOIN job_progress p ON p.run_id = j.run_id
       WHERE r.run_id IS NULL ORDER BY j.accepted_at, j.run_id LIMIT ${limit}`,
      [],
      options,
    );
    return rows.map((row) => ({ request: toRequest(row), dispatches: row.dispatches ?? 0 }));
  }

  async isReported(runId: string, options: CallOptions): Promise<boolean> {
    return (await this.#database.query('SELECT run_id FROM reports WHERE run_id = $1', [runId], options)).length > 0;
  }

  async report(runId: string, options: CallOptions): Promise<ReportResult | undefined> {
    const rows = await this.#database.query<{ result: string }>('SELECT result FROM reports WHERE run_id = $1', [runId], options);
    return rows[0] === undefined ? undefined : reportResultSchema.parse(JSON.parse(rows[0].result));
  }

  /** The first report of a run stays; `false` says that one was there already. */
  async storeReport(runId: string, userId: string, result: ReportResult, fencingToken: number, host: string, options: CallOptions): Promise<boolean> {
    const { changed } = await this.#database.recordWrite(
      {
        table: 'reports',
        key: { run_id: runId },
        row: { user_id: userId, level: result.level, success: result.success ? 1 : 0, result: JSON.stringify(result), fencing_token: fencingToken, host, stored_at: this.#clock.now() },
        conflict: 'keep-first',
      },
      options,
    );
    return changed;
  }

  /** Number of this dispatch, from 1; kept so that a restarted orchestrator goes on counting. */
  async countDispatch(runId: string, options: CallOptions): Promise<number> {
    const rows = await this.#database.query<{ dispatches: number }>('SELECT dispatches FROM job_progress WHERE run_id = $1', [runId], options);
    const dispatches = (rows[0]?.dispatches ?? 0) + 1;
    await this.#database.recordWrite({ table: 'job_progress', key: { run_id: runId }, row: { dispatches, updated_at: this.#clock.now() }, conflict: { tokenColumn: 'dispatches' } }, options);
    return dispatches;
  }

  async #row(runId: string, options: CallOptions): Promise<JobRow> {
    const rows = await this.#database.query<JobRow>('SELECT * FROM jobs WHERE run_id = $1', [runId], options);
    if (rows[0] === undefined) throw new AgentError('JOB_UNKNOWN', `no job '${runId}' has been accepted`);
    return rows[0];
  }
}

function toRequest(row: JobRow): ReportRequest {
  return {
    run_id: row.run_id,
    user_id: row.user_id,
    correlation_id: row.correlation_id,
    question: row.question,
    period: { from: row.period_from, to: row.period_to },
    accepted_at: row.accepted_at,
    ...(row.timeout_ms === null ? {} : { timeout_ms: row.timeout_ms }),
  };
}
