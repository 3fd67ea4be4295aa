/** As hosts name them. `isolated`: refuses everything until it is let go by hand. */
export const breakerStates = ['closed', 'open', 'half-open', 'isolated'] as const;
export type BreakerStateName = (typeof breakerStates)[number];
