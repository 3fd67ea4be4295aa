import { systemClock } from '../../core/clock.ts';
import { formatProblem, Problems } from '../../core/problems.ts';
import { Host } from './host.ts';
import { readHostSettings } from './config.ts';
import { followStandardInput } from './standard-input.ts';

/** Process entry of a host: `node host/main.js --role reporting --name reporting-1`, told the rest by environment. */
const lastResortMs = 3_000;
const settings = readHostSettings(process.argv.slice(2), process.env);
if (settings instanceof Problems) {
  process.stderr.write(`${settings.list.map(formatProblem).join('\n')}\n`);
  process.exitCode = 64;
} else {
  const host = new Host(settings, {
    clock: systemClock,
    writeLog: (line) => process.stderr.write(line),
    writeLine: (line) => process.stdout.write(line),
  });
  const { environment } = settings;
  let stopping: Promise<void> | undefined;
  const stop = (why: string, graceMs: number, exitCode: number): void => {
    if (stopping !== undefined) return;
    stopping = host.stop(why, graceMs).then(() => process.exit(exitCode));
    // Whatever hangs in spite of the grace period: nobody else would end it.
    systemClock.setTimer(graceMs + lastResortMs, () => process.exit(70), { keepAlive: false });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal, environment.NETRA_SHUTDOWN_GRACE_MS, 0));
  followStandardInput(process.stdin, {
    onText: (text) => host.onInput(text),
    onClose: environment.NETRA_EXIT_ON_STDIN_CLOSE === 'on' ? () => stop('standard input closed', 1_000, 0) : undefined,
  });
  // The reader of stdout or stderr is gone: what is written is lost, the agents go on until stdin says more.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
    process.on(event, (error: unknown) => {
      host.logger.error(`${event}: the host cannot trust its state any more and ends`, { error });
      stop(event, 2_000, 70);
    });
  }
  // Node prints warnings as plain text; here they are lines like all others. kafkajs 2.2 sets timers in the past, which Node 24 warns of.
  process.removeAllListeners('warning').on('warning', (warning) => host.logger.debug('warning of Node', { name: warning.name, warning: warning.message }));
  await host.start().catch((error: unknown) => {
    host.logger.error('host could not start', { error });
    process.exitCode = 70;
    stop('host could not start', 1_000, 70);
  });
}
