/** Exit codes of every command (architecture: Verdict). */
export const exitCodes = { pass: 0, fail: 1, unknown: 2, usage: 64, unavailable: 69, bug: 70, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
