import type { CallOptions } from '../connectors/call.ts';
import type { ReportKey, ReportStore } from '../reporting/report-store.ts';
import type { JobStore } from './job-store.ts';
import type { ReportResult } from './job.ts';

/** Reports in the table `reports`, whose primary key is the run: the first one stays. */
export class DatabaseReportStore implements ReportStore {
  readonly #jobs: JobStore;
  readonly #host: string;

  constructor(jobs: JobStore, host: string) {
    this.#jobs = jobs;
    this.#host = host;
  }

  async find(key: ReportKey, options: CallOptions = {}): Promise<ReportResult | null> {
    return (await this.#jobs.report(key.jobId, options)) ?? null;
  }

  async store(key: ReportKey, result: ReportResult, fencingToken: number, options: CallOptions = {}): Promise<'stored' | 'already_there'> {
    return (await this.#jobs.storeReport(key.jobId, key.userId, result, fencingToken, this.#host, options)) ? 'stored' : 'already_there';
  }
}
