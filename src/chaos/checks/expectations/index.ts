import { breaker } from './breaker.ts';
import type { ExpectationDefinition } from './expectation.ts';
import { jobsRefused } from './jobs-refused.ts';
import { latency } from './latency.ts';
import { levelReached } from './level-reached.ts';
import { recovery } from './recovery.ts';
import { reportLevel } from './report-level.ts';
import { resumed } from './resumed.ts';
import { retryAmplification } from './retry-amplification.ts';
import { templateSections } from './template-sections.ts';
import { tokensWasted } from './tokens-wasted.ts';

/** Every check that a scenario may ask for. */
export const expectations: readonly ExpectationDefinition[] = [
  breaker,
  jobsRefused,
  latency,
  levelReached,
  recovery,
  reportLevel,
  resumed,
  retryAmplification,
  templateSections,
  tokensWasted,
];
