import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { systemClock } from '../core/clock.ts';
import { asError, isNetraError } from '../core/errors.ts';
import { formatProblem } from '../core/problems.ts';
import { commands } from './commands/index.ts';
import type { CommandContext } from './context.ts';
import { UsageError } from './error-codes.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { parseCommandLine } from './program.ts';

process.exitCode = await main();

async function main(): Promise<ExitCode> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const stopping = new AbortController();
  const stop = watchForEnd(stopping);
  try {
    const parsed = parseCommandLine(commands, process.argv.slice(2), version);
    if (parsed.kind === 'text') {
      process.stdout.write(parsed.text);
      return exitCodes.pass;
    }
    const context: CommandContext = {
      cwd: process.cwd(),
      environment: process.env,
      stdout: process.stdout,
      stderr: process.stderr,
      clock: systemClock,
      signal: stopping.signal,
      version,
      colour: process.stdout.isTTY && process.env.NO_COLOR === undefined,
    };
    const { run } = await parsed.spec.load();
    return await run(parsed.input, context);
  } catch (thrown) {
    return report(asError(thrown));
  } finally {
    stop();
  }
}

/** A reader that has gone away (`| head`) ends the program like Ctrl-C does: quietly, with everything shut down. */
function watchForEnd(stopping: AbortController): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const handlers = signals.map((name) => {
    let count = 0;
    const handler = (): void => {
      count += 1;
      stopping.abort(new Error(name === 'SIGINT' ? 'interrupted by Ctrl-C' : `ended by ${name}`));
      // Asked again: whoever asks does not want to wait. What was started ends with this process.
      if (count > 1) process.exit(exitCodes.interrupted);
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const onPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') stopping.abort(new Error('the reader of the output is gone'));
  };
  process.stdout.on('error', onPipe);
  process.stderr.on('error', onPipe);
  const launcher = process.env.NETRA_LAUNCHER_FD;
  if (launcher !== undefined) {
    const pipe = new Socket({ fd: Number(launcher) });
    pipe.on('close', () => stopping.abort(new Error('the program that started this one is gone')));
    pipe.on('error', () => pipe.destroy());
    pipe.resume();
    pipe.unref();
  }
  return () => {
    for (const off of handlers) off();
  };
}

function report(error: Error): ExitCode {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.problems.map(formatProblem).join('\n')}\n`);
    return exitCodes.usage;
  }
  if (isNetraError(error) && error.code !== 'INVARIANT_VIOLATION') {
    process.stderr.write(`${error.message} (${error.code})\n`);
    return exitCodes.unavailable;
  }
  process.stderr.write(`A bug of netra-resilience, not of yours: ${error.stack ?? error.message}\nPlease report it with the run folder.\n`);
  return exitCodes.bug;
}
