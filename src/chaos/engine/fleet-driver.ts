import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { raceAbort } from '../../core/abort.ts';
import type { FleetEvent } from '../../journal/fleet-events.ts';
import type { JournalWriter } from '../../journal/writer.ts';
import { EventFeed } from './event-feed.ts';
import { FleetClient } from './fleet-client.ts';
import { HostProcess, type HostCommand } from './host-process.ts';

const readyPollMs = 20;
/** A host that keeps dying is started again after 100 ms, 200 ms, … up to this. */
const restartDelayMaxMs = 5_000;

export interface FleetDriverOptions {
  readonly hosts: readonly HostCommand[];
  readonly token: string;
  readonly journal: JournalWriter;
  readonly clock: Clock;
  /** Every event of every host, after it was journaled. */
  readonly onEvent: (event: FleetEvent) => void;
  /** Lines that a host writes to stdout after the first. */
  readonly onLine?: (host: string, line: string) => void;
}

interface RunningHost {
  readonly command: HostCommand;
  process: HostProcess;
  feed?: EventFeed;
  url?: string;
  restarts: number;
  /** The lab itself ended it: no crash, though it may look like one. */
  asked?: boolean;
  /** Whoever ended it starts it again. */
  held?: boolean;
}

/**
 * The processes of the fleet under test: starts them, starts again what dies, ends them. It knows
 * nothing of what they do (fleet protocol).
 */
export class FleetDriver {
  readonly client: FleetClient;
  readonly #options: FleetDriverOptions;
  readonly #hosts = new Map<string, RunningHost>();
  readonly #restartTimers = new Set<() => void>();
  #stopping = false;

  constructor(options: FleetDriverOptions) {
    this.#options = options;
    this.client = new FleetClient(options.clock, options.token);
  }

  /** Resolves when every host answers `/health/ready` with 200. */
  async start(signal: AbortSignal): Promise<void> {
    const startedAtMs = this.#options.clock.monotonicMs();
    await Promise.all(this.#options.hosts.map((command) => this.#startHost(command, 0, signal)));
    this.#options.journal.append({ type: 'fleet.ready', duration_ms: Math.round(this.#options.clock.monotonicMs() - startedAtMs) });
  }

  /** Where a host is now; undefined while it is not listening. */
  url(host: string): string | undefined {
    return this.#hosts.get(host)?.url;
  }

  processOf(host: string): HostProcess | undefined {
    return this.#hosts.get(host)?.process;
  }

  /** In the order in which they are started. */
  hosts(): string[] {
    return this.#options.hosts.map(({ host }) => host);
  }

  /** SIGKILL, at once; it is started again like one that crashed. Throws where it is not up; what is returned resolves when it has ended. */
  kill(host: string): Promise<void> {
    const running = this.#running(host);
    running.asked = true;
    running.process.kill('SIGKILL');
    return running.process.exited.then(() => undefined);
  }

  /** SIGTERM, SIGKILL after `graceMs`, and a new start. Resolves when it is ready again. */
  async restart(host: string, graceMs: number, signal: AbortSignal): Promise<void> {
    const running = this.#running(host);
    running.asked = true;
    running.held = true;
    running.process.kill('SIGTERM');
    const cancel = this.#options.clock.setTimer(graceMs, () => running.process.kill('SIGKILL'));
    try {
      await running.process.exited;
    } finally {
      cancel();
    }
    if (!this.#stopping) await this.#startHost(running.command, running.restarts + 1, signal);
  }

  /**
   * SIGTERM to all, and SIGKILL to those that are left after `graceMs`, or `hurried.graceMs` after `hurried.signal` aborts.
   * Resolves when none is left.
   */
  async stop(graceMs: number, hurried?: { readonly signal: AbortSignal; readonly graceMs: number }): Promise<void> {
    this.#stopping = true;
    for (const cancel of this.#restartTimers) cancel();
    const hosts = [...this.#hosts.values()];
    for (const { process } of hosts) {
      process.kill('SIGTERM');
      // One that is stopped heeds no SIGTERM.
      process.kill('SIGCONT');
    }
    const ended = Promise.all(hosts.map(({ process }) => process.exited));
    const timers: (() => void)[] = [];
    const killAfter = (delayMs: number): void => {
      timers.push(
        this.#options.clock.setTimer(delayMs, () => {
          for (const { process } of hosts) process.kill('SIGKILL');
        }),
      );
    };
    const hurry = (): void => killAfter(hurried?.graceMs ?? graceMs);
    killAfter(graceMs);
    if (hurried?.signal.aborted === true) hurry();
    hurried?.signal.addEventListener('abort', hurry, { once: true });
    await ended;
    hurried?.signal.removeEventListener('abort', hurry);
    for (const cancel of timers) cancel();
    for (const { feed } of hosts) feed?.close();
  }

  #running(host: string): RunningHost {
    const running = this.#hosts.get(host);
    if (running === undefined) throw new Error(`there is no host ${host}; there are ${this.hosts().join(', ')}`);
    if (running.url === undefined) throw new Error(`host ${host} is not up at this moment`);
    return running;
  }

  async #startHost(command: HostCommand, restarts: number, signal: AbortSignal): Promise<void> {
    const { journal, clock, onLine } = this.#options;
    const startedAtMs = clock.monotonicMs();
    const process = await HostProcess.start(command, (line) => onLine?.(command.host, line));
    // `stop` has asked the hosts that were there by then; this one came too late for it.
    if (this.#stopping) process.kill('SIGKILL');
    const host: RunningHost = { command, process, restarts };
    this.#hosts.set(command.host, host);
    journal.append({ type: 'host.started', host: command.host, pid: process.pid, restart: restarts });
    void process.exited.then((exit) => {
      host.feed?.close();
      delete host.url;
      journal.append({ type: 'host.exited', host: command.host, pid: process.pid, exit_code: exit.exitCode, signal: exit.signal, expected: this.#stopping || host.asked === true });
      if (!this.#stopping && host.held !== true) this.#restartLater(host);
    });
    const url = `http://127.0.0.1:${await process.listening(signal)}`;
    journal.append({ type: 'host.listening', host: command.host, url });
    host.url = url;
    host.feed = new EventFeed({ host: command.host, url, token: this.#options.token, journal, clock, onEvent: this.#options.onEvent });
    const gone = new AbortController();
    void process.exited.then(() => gone.abort());
    while (!gone.signal.aborted && !(await this.client.isReady(url, signal))) await clock.sleep(readyPollMs, signal);
    if (gone.signal.aborted) throw new Error(`host ${command.host} ended before it was ready; see ${command.logPath}`);
    journal.append({ type: 'host.ready', host: command.host, duration_ms: Math.round(clock.monotonicMs() - startedAtMs) });
  }

  #restartLater(host: RunningHost): void {
    const restarts = host.restarts + 1;
    const delayMs = Math.min(restartDelayMaxMs, 100 * 2 ** (restarts - 1));
    const stopped = new AbortController();
    const cancelTimer = this.#options.clock.setTimer(delayMs, () => {
      this.#restartTimers.delete(cancel);
      // One that dies again before it is ready comes back here by its exit; nobody else waits for it.
      raceAbort(this.#startHost(host.command, restarts, stopped.signal), stopped.signal).catch((error: unknown) => {
        if (!this.#stopping) this.#options.journal.append({ type: 'infra.warning', service: host.command.host, message: asError(error).message });
      });
    });
    const cancel = (): void => {
      cancelTimer();
      stopped.abort(new Error('the fleet is stopping'));
    };
    this.#restartTimers.add(cancel);
  }
}
