// Entry of an embedded infrastructure process; see messages.ts for what it says and hears.
import { asError, isNetraError } from '../../core/errors.ts';
import { systemClock } from '../../core/clock.ts';
import { CONFIG_VARIABLE, startComponent, type ComponentName, type ProcessConfig } from './components.ts';
import { readJsonLines, type OwnerMessage, type ProcessMessage } from './messages.ts';
import type { EmbeddedServer } from '../services/service.ts';

const GRACE_MS = 500;

const { components, context } = JSON.parse(process.env[CONFIG_VARIABLE] ?? '') as ProcessConfig;
const running = new Map<ComponentName, EmbeddedServer>();
let ending = false;

// Bound at once: the owner may be gone before the first server is up. Its end closes stdin whichever way it ended.
readJsonLines(
  process.stdin,
  (message) => {
    const { service, endpoint } = message as OwnerMessage;
    running.get(service)?.proxied?.(endpoint);
  },
  (line) => process.stderr.write(`not understood: ${line}\n`),
);
process.stdin.once('end', () => end(0));
process.stdin.once('error', () => end(0));
process.once('SIGTERM', () => end(0));
// The terminal sends Ctrl-C to nobody here (own process group); the owner decides when to stop.
process.on('SIGINT', () => undefined);
process.stdout.on('error', () => end(0));

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
  end(1);
}

function say(message: ProcessMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function end(exitCode: number): void {
  if (ending) return;
  ending = true;
  const exit = (): never => process.exit(exitCode);
  systemClock.setTimer(GRACE_MS, exit);
  Promise.allSettled([...running.values()].map((server) => server[Symbol.asyncDispose]())).then(exit, exit);
}
