// Entry of an embedded infrastructure process; see messages.ts for what it says and hears.
import { asError, isNetraError } from '../../core/errors.ts';
import { systemClock } from '../../core/clock.ts';
import { CONFIG_VARIABLE, startComponent, type ComponentName, type ProcessConfig } from './components.ts';
import { readJsonLines, type OwnerMessage, type ProcessMessage } from './messages.ts';
import type { EmbeddedServer } from '../services/service.ts';

const { components, context } = JSON.parse(process.env[CONFIG_VARIABLE] ?? '') as ProcessConfig;
const running = new Map<ComponentName, EmbeddedServer>();

// There is nothing to save at the end: all data is in memory, all logs are written by then, and the system closes sockets
// faster than we would. Bound at once: the owner may be gone before the first server is up. Its end closes stdin whichever way it ended.
readJsonLines(
  process.stdin,
  (message) => {
    const { service, endpoint } = message as OwnerMessage;
    running.get(service)?.proxied?.(endpoint);
  },
  (line) => process.stderr.write(`not understood: ${line}\n`),
);
process.stdin.once('end', () => process.exit(0));
process.stdin.once('error', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
// The terminal sends Ctrl-C to nobody here (own process group); the owner decides when to stop.
process.on('SIGINT', () => undefined);
process.stdout.on('error', () => process.exit(0));

await Promise.all(components.map(start));

async function start(service: ComponentName): Promise<void> {
  try {
    const server = await startComponent(service, {
      ...context,
      clock: systemClock,
      warn: (message) => say({ type: 'service.warning', service, message }),
      fail: (error) => failed(service, error),
    });
    running.set(service, server);
    say({ type: 'service.listening', service, direct: server.direct, upstream: server.upstream });
  } catch (error) {
    failed(service, error);
  }
}

function failed(service: ComponentName, thrown: unknown): void {
  const error = asError(thrown);
  say({ type: 'service.failed', service, message: isNetraError(error) ? error.message : `${service} cannot run: ${error.message}.` });
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exit(1);
}

function say(message: ProcessMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
