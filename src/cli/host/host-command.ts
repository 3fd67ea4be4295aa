import { asError } from '../../core/errors.ts';
import { Host } from '../../fleet/host/host.ts';
import type { HostSettings } from '../../fleet/host/config.ts';
import { followStandardInput } from '../../fleet/host/standard-input.ts';
import type { CommandHandler } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../error-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { hostSettings } from './host-settings.ts';
import { logText } from './log-text.ts';

/** As the process entry of hosts has it: for what hangs in spite of the grace period. */
const lastResortMs = 3_000;
const withoutStarterGraceMs = 1_000;

/**
 * One host of a fleet until it is asked to end. Services that are not there yet are waited for, as they
 * are when they go away later: `/health/ready` tells. To be ended is what a host is for, so that Ctrl-C
 * and SIGTERM lead to exit code 0 once it has drained.
 */
export const run: CommandHandler = async (input, context) => {
  const settings = hostSettings(input, context);
  const { environment, config } = settings;
  // With a terminal behind it somebody is reading; log collectors get the lines as they are.
  const readable = context.columns !== undefined;
  const host = makeHost(settings, context, readable);
  const ended = Promise.withResolvers<{ why: string; graceMs: number }>();
  const end = (why: string, graceMs: number): void => ended.resolve({ why, graceMs });
  const onAbort = (): void => {
    if (readable) context.stderr.write(`${config.host} takes no more work and ends what is under way, ${environment.NETRA_SHUTDOWN_GRACE_MS / 1_000} s at most; Ctrl-C again ends it at once\n`);
    end(asError(context.signal.reason).message, environment.NETRA_SHUTDOWN_GRACE_MS);
  };
  if (context.signal.aborted) onAbort();
  context.signal.addEventListener('abort', onAbort, { once: true });
  // Read only where something is expected of it: reading from a terminal would stop a job in the background.
  const followed = environment.NETRA_EXIT_ON_STDIN_CLOSE === 'on' || environment.NETRA_BOUNDARY_EVENTS === 'on';
  if (followed) followStandardInput(process.stdin, {
    onText: (text) => host.onInput(text),
    onClose: environment.NETRA_EXIT_ON_STDIN_CLOSE === 'on' ? () => end('standard input closed', withoutStarterGraceMs) : undefined,
  });
  const failed = Promise.withResolvers<never>();
  host.start().catch(failed.reject);
  try {
    const { why, graceMs } = await Promise.race([ended.promise, failed.promise]);
    await stop(host, why, graceMs, context);
  } catch (error) {
    await stop(host, 'host could not start', withoutStarterGraceMs, context);
    throw notListening(error, settings);
  } finally {
    context.signal.removeEventListener('abort', onAbort);
    if (followed) process.stdin.destroy();
  }
  if (readable) context.stderr.write(`${config.host} has ended\n`);
  return exitCodes.pass;
};

function makeHost(settings: HostSettings, { clock, stdout, stderr }: CommandContext, readable: boolean): Host {
  try {
    return new Host(settings, { clock, writeLog: (line) => stderr.write(readable ? logText(line) : line), writeLine: (line) => stdout.write(line) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new CliError('WORKSPACE_UNWRITABLE', `The host cannot keep its state: ${asError(error).message}; name a folder that can be written to in NETRA_STATE_DIR.`, { cause: error });
  }
}

async function stop(host: Host, why: string, graceMs: number, { clock }: CommandContext): Promise<void> {
  const cancel = clock.setTimer(graceMs + lastResortMs, () => process.exit(exitCodes.bug), { keepAlive: false });
  await host.stop(why, graceMs);
  cancel();
}

function notListening(error: unknown, { environment }: HostSettings): Error {
  const { code, syscall, message } = asError(error) as NodeJS.ErrnoException;
  if (syscall !== 'listen' && code !== 'ENOTFOUND') return asError(error);
  return new CliError('HOST_NOT_LISTENING', `The host cannot listen on ${environment.NETRA_HTTP_HOST}, port ${environment.NETRA_HTTP_PORT}: ${message}; choose another --port (0 picks one) or --bind.`, { cause: error });
}
