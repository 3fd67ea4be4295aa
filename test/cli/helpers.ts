import type { CommandInput } from '../../src/cli/command.ts';
import type { CommandContext } from '../../src/cli/context.ts';
import { UsageError } from '../../src/cli/error-codes.ts';
import { systemClock } from '../../src/core/clock.ts';
import { formatProblem } from '../../src/core/problems.ts';

export interface TestContext extends CommandContext {
  readonly out: () => string;
}

/** A command's surroundings without a process: what it prints is kept. */
export function testContext(change: Partial<CommandContext> = {}): TestContext {
  let stdout = '';
  return {
    cwd: process.cwd(),
    environment: {},
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: () => undefined },
    clock: systemClock,
    signal: new AbortController().signal,
    version: '0.0.0',
    colour: false,
    columns: 80,
    ...change,
    out: () => stdout,
  };
}

export function commandInput(options: CommandInput['options'] = {}, positionals: readonly string[] = []): CommandInput {
  return { positionals, options, problems: [] };
}

/** The lines that a user would read; empty where nothing was wrong. */
export async function problemsOf(work: () => unknown): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof UsageError) return error.problems.map(formatProblem);
    throw error;
  }
}
