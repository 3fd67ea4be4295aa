/** Seconds of a run for each second of looking at it. */
export const speeds: readonly number[] = [0.25, 0.5, 1, 2, 4, 8, 16, 32];
