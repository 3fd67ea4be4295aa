import { isNetraError } from '../core/errors.ts';
import { formatProblem, type Problem } from '../core/problems.ts';
import type { EndWatch } from './end-watch.ts';
import { ExternalUnreachable, HostsRefused } from '../infra/error-codes.ts';
import { CliError, UsageError } from './error-codes.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';

/** More than these nobody mends in one go. */
const problemsShown = 50;
const lineWidth = 500;

/** What is written to stderr about what ended a command, and the exit code. */
export interface Failure {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** What was thrown while the program was being ended is a consequence of that, and is not told. */
export function describeFailure(thrown: Error, end: Pick<EndWatch, 'signal' | 'brokenOutput'>): Failure {
  if (thrown instanceof UsageError) return { text: problemLines(thrown.problems), exitCode: exitCodes.usage };
  const error = end.brokenOutput === undefined ? thrown : new CliError('OUTPUT_UNWRITABLE', `The output cannot be written: ${end.brokenOutput.message}; send it somewhere else.`, { cause: end.brokenOutput });
  if (end.signal.aborted && end.brokenOutput === undefined && !isBug(error)) return { text: '', exitCode: exitCodes.interrupted };
  if (error instanceof HostsRefused) return { text: `${printable(error.message)}\n`, exitCode: exitCodes.usage };
  if (error instanceof ExternalUnreachable) return { text: error.sentences.map((sentence) => `${printable(sentence)} (${error.code})\n`).join(''), exitCode: exitCodes.unavailable };
  if (isNetraError(error) && !isBug(error)) return { text: `${printable(error.message)} (${error.code})\n`, exitCode: exitCodes.unavailable };
  return { text: `A bug of netra-resilience, not of yours: ${error.stack ?? error.message}\nPlease report it with the run folder.\n`, exitCode: exitCodes.bug };
}

function isBug(error: Error): boolean {
  return (error as { code?: unknown }).code === 'INVARIANT_VIOLATION';
}

function problemLines(problems: readonly Problem[]): string {
  const lines = problems.slice(0, problemsShown).map((problem) => printable(formatProblem(problem)));
  if (problems.length > problemsShown) lines.push(`and ${problems.length - problemsShown} more problems`);
  return `${lines.join('\n')}\n`;
}

/** A file that is no text must not be able to drive the terminal: control characters are shown, long lines are cut. */
function printable(text: string): string {
  const shown = text.replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return shown.length > lineWidth ? `${shown.slice(0, lineWidth)}…` : shown;
}
