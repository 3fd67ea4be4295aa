import { breakerTransitions } from './breaker-transitions.ts';
import { groundedNumbers } from './grounded-numbers.ts';
import { levelConsistent } from './level-consistent.ts';
import { levelRecovers } from './level-recovers.ts';
import { noJobLost } from './no-job-lost.ts';
import { noSectionPaidTwice } from './no-section-paid-twice.ts';
import { noStaleWriter } from './no-stale-writer.ts';
import { nothingLeftBehind } from './nothing-left-behind.ts';
import { oneReportPerJob } from './one-report-per-job.ts';
import { openBreakerRefuses } from './open-breaker-refuses.ts';
import { resultContract } from './result-contract.ts';
import { userIsolation } from './user-isolation.ts';

/** Judged at the end of a run that breaks nothing: for the others the evidence is collected in scenarios only. */
export const plainInvariants = [noJobLost, oneReportPerJob, resultContract, groundedNumbers] as const;

/** Judged of every scenario. */
export const invariants = [
  ...plainInvariants,
  userIsolation,
  noSectionPaidTwice,
  noStaleWriter,
  breakerTransitions,
  openBreakerRefuses,
  levelConsistent,
  levelRecovers,
  nothingLeftBehind,
] as const;
