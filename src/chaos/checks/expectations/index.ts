import type { ExpectationDefinition } from './expectation.ts';

/** Every check that a scenario may ask for. */
export const expectations: readonly ExpectationDefinition[] = [];
