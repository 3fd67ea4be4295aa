import type { VerdictStatus } from '../../journal/events.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';

/** Worst first: a bug of ours makes every verdict doubtful, and what was shown to fail stays so whatever else could not be run. */
const worstFirst: readonly ExitCode[] = [exitCodes.interrupted, exitCodes.bug, exitCodes.fail, exitCodes.unavailable, exitCodes.unknown, exitCodes.pass];

/** @param ends exit codes of what ended runs early, one each */
export function worstExitCode(verdict: VerdictStatus, ends: readonly ExitCode[]): ExitCode {
  return worstFirst.find((code) => ends.includes(code) || code === exitCodes[verdict]) ?? exitCodes.bug;
}
