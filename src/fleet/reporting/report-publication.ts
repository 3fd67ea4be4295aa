import { InvariantViolation } from '../../core/error-codes.ts';
import { asError } from '../../core/errors.ts';
import type { ReportResult } from '../jobs/job.ts';
import { StaleWriterError, TransientError } from './error-codes.ts';
import type { ReportContext } from './report-context.ts';
import type { ReportKey, ReportStore } from './report-store.ts';

/** One attempt's way to the report store: a report goes there once, and whatever keeps it from there has a type that says what to do. */
export class ReportPublication {
  readonly #store: ReportStore;
  readonly #key: ReportKey;
  /** Without the job's deadline: a report that is made is worth storing, even a little late. */
  readonly #call: { readonly signal: AbortSignal; readonly correlationId: string };

  constructor(store: ReportStore, { jobId, userId, correlationId, signal }: ReportContext) {
    this.#store = store;
    this.#key = { jobId, userId, correlationId };
    this.#call = { signal, correlationId };
  }

  /** Rejects with a TransientError where the store cannot be reached. */
  find(): Promise<ReportResult | null> {
    return reach(() => this.#store.find(this.#key, this.#call));
  }

  /** The report that was there already, undefined where this one is the run's report now. Rejects with a StaleWriterError or TransientError. */
  async publish(result: ReportResult, fencingToken: number): Promise<ReportResult | undefined> {
    const stored = await reach(() => this.#store.store(this.#key, result, fencingToken, this.#call));
    if (stored === 'stored') return undefined;
    if (stored === 'stale') throw new StaleWriterError('Report', fencingToken);
    const finished = await this.find();
    if (finished === null) throw new InvariantViolation(`the report store refused the report of run ${this.#key.jobId} as there already, and does not have it`);
    return finished;
  }
}

/** A database that cannot be reached may be there for the next attempt. */
async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new TransientError(`The report store could not be used: ${asError(error).message}`, { cause: error });
  }
}
