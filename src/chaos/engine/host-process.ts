import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { abortReason } from '../../core/abort.ts';
import { launchProcess, type HostLauncher, type LaunchedHost } from './host-launcher.ts';

/** How a host of the fleet under test is started: any command in any language (fleet protocol). */
export interface HostCommand {
  readonly host: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The host's stderr goes here, appended. */
  readonly logPath: string;
  /** @default as a process of the lab's */
  readonly launch?: HostLauncher;
}

export interface HostExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

const listeningSchema = z.object({ type: z.literal('host.listening'), host: z.string(), port: z.int().min(1).max(65_535) });

/**
 * One running process of the fleet. It is apart from the terminal's process group, so that Ctrl-C
 * reaches the lab alone; its standard input stays open as long as the lab lives, and closes with it.
 */
export class HostProcess {
  readonly host: string;
  readonly pid: number;
  readonly exited: Promise<HostExit>;
  readonly #child: ChildProcess;
  readonly #firstLine: Promise<string>;
  #ended = false;

  private constructor(command: HostCommand, { child, pid, exitOf }: LaunchedHost, onLine: (line: string) => void) {
    this.host = command.host;
    this.pid = pid;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      const onExit = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        this.#ended = true;
        resolve(exitOf({ exitCode, signal }));
      };
      // It may have ended while it was being found out which process it is.
      if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
      else child.once('exit', onExit);
    });
    const firstLine = Promise.withResolvers<string>();
    this.#firstLine = firstLine.promise;
    this.#firstLine.catch(() => undefined);
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      firstLine.resolve(line);
      onLine(line);
    });
    void this.exited.then(({ exitCode, signal }) =>
      firstLine.reject(new Error(`host ${command.host} ended before it listened (${signal ?? `exit code ${exitCode}`}); see ${command.logPath}`)),
    );
  }

  /** Rejects with a sentence where the command cannot be started at all. */
  static async start(command: HostCommand, onLine: (line: string) => void = () => undefined): Promise<HostProcess> {
    const log = openSync(command.logPath, 'a');
    try {
      return new HostProcess(command, await (command.launch ?? launchProcess)(command, log), onLine);
    } finally {
      closeSync(log);
    }
  }

  /** The port from the first line of stdout. Rejects where the host ends first, writes something else, or the signal aborts. */
  async listening(signal: AbortSignal): Promise<number> {
    const aborted = new Promise<never>((_, reject) => {
      const onAbort = (): void => reject(abortReason(signal));
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      void this.#firstLine.finally(() => signal.removeEventListener('abort', onAbort)).catch(() => undefined);
    });
    const line = await Promise.race([this.#firstLine, aborted]);
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = line;
    }
    const parsed = listeningSchema.safeParse(value);
    if (!parsed.success) throw new Error(`host ${this.host}: its first line should be {"type":"host.listening","host":…,"port":…} and is: ${line.slice(0, 200)}`);
    return parsed.data.port;
  }

  /** Writes one line to the host's standard input. */
  send(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Does nothing to a process that has ended. */
  kill(signal: NodeJS.Signals): void {
    if (this.#ended) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      // It has ended, which nobody has told yet.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
