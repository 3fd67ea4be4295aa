import { readFileSync } from 'node:fs';
import { systemClock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { commands } from './commands/index.ts';
import type { CommandContext } from './context.ts';
import { watchForEnd, type EndWatch } from './end-watch.ts';
import { CliError } from './error-codes.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { describeFailure } from './failure.ts';
import { filterWarnings } from './node-warnings.ts';
import { parseCommandLine } from './program.ts';
import { giveTerminalBack } from './screen/open-screens.ts';
import { terminalOf } from './screen/terminal.ts';

/** Something left open must not keep a finished program from ending. */
const endWithinMs = 1_000;

process.exitCode = await main();
systemClock.setTimer(endWithinMs, () => process.exit(), { keepAlive: false });

async function main(): Promise<ExitCode> {
  filterWarnings(process.stderr);
  const end = watchForEnd();
  // What nobody awaited and nobody caught: the state is not to be trusted, and exit code 1 would be a verdict.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (thrown: unknown) => process.exit(tell(thrown, end)));
  try {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    const parsed = parseCommandLine(commands, process.argv.slice(2), version);
    if (parsed.kind === 'text') {
      process.stdout.write(parsed.text);
      return exitCodes.pass;
    }
    const terminal = terminalOf(process.stdin, process.stdout, process.env);
    const context: CommandContext = {
      cwd: currentFolder(),
      environment: process.env,
      stdout: process.stdout,
      stderr: process.stderr,
      clock: systemClock,
      signal: end.signal,
      version,
      colour: mayPaint(process.env),
      // A terminal that was given no size says 0.
      columns: process.stdout.columns || undefined,
      ...(terminal === undefined ? {} : { terminal }),
    };
    const { run } = await parsed.spec.load();
    const exitCode = await run(parsed.input, context);
    await outputTaken();
    return end.brokenOutput === undefined ? exitCode : tell(end.brokenOutput, end);
  } catch (thrown) {
    return tell(thrown, end);
  } finally {
    end.stop();
  }
}

function tell(thrown: unknown, end: EndWatch): ExitCode {
  giveTerminalBack();
  const { text, exitCode } = describeFailure(asError(thrown), end);
  process.stderr.write(text);
  return exitCode;
}

/** https://no-color.org: a variable that is empty asks for nothing. */
function mayPaint({ NO_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  return process.stdout.isTTY && !NO_COLOR && TERM !== 'dumb';
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new CliError('WORKSPACE_UNWRITABLE', 'The current folder is not there any more; change to one that is.', { cause: error });
  }
}

/** Errors of stdout come after the write that met them. */
function outputTaken(): Promise<void> {
  return new Promise((resolve) => process.stdout.write('', () => setImmediate(resolve)));
}
