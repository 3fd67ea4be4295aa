import { groundedNumbers } from './grounded-numbers.ts';
import { noJobLost } from './no-job-lost.ts';
import { oneReportPerJob } from './one-report-per-job.ts';
import { resultContract } from './result-contract.ts';

/** Judged at the end of every run. */
export const invariants = [noJobLost, oneReportPerJob, resultContract, groundedNumbers] as const;
