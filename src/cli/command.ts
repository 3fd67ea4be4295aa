import type { Problem } from '../core/problems.ts';
import type { CommandContext } from './context.ts';
import { UsageError } from './error-codes.ts';
import type { ExitCode } from './exit-codes.ts';

export interface OptionSpec {
  /** As commander reads it: `--jobs <number>`, `--json`. */
  readonly flags: string;
  readonly description: string;
  /** Shown in the help; what is really done where the option is absent. */
  readonly defaultText?: string;
}

/** A command as the help and the dispatcher see it; `load` brings in what it needs, and only then. */
export interface CommandSpec {
  readonly name: string;
  /** Positional arguments as commander reads them: `<run> [job]`, `[scenario...]`. */
  readonly arguments?: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  /** Internal commands are left out of the help. */
  readonly hidden?: boolean;
  load(): Promise<{ run: CommandHandler }>;
}

export interface CommandInput {
  readonly positionals: readonly string[];
  /** By camel-case name: strings for options with a value, true for switches. */
  readonly options: Readonly<Record<string, string | true | undefined>>;
  /** What is wrong with the words themselves; a command tells it together with what it finds itself. */
  readonly problems: readonly Problem[];
}

/** For commands that have nothing to look at beyond their words. Throws UsageError where these are wrong. */
export function refuseWrongWords({ problems }: CommandInput): void {
  if (problems.length > 0) throw new UsageError(problems);
}

/** Throws UsageError before it has started anything, or another NetraError that says what is in the way. */
export type CommandHandler = (input: CommandInput, context: CommandContext) => Promise<ExitCode>;

/** Types a command without changing it. */
export function defineCommand(command: CommandSpec): CommandSpec {
  return command;
}
