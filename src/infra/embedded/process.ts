import { spawn, type ChildProcessByStdio, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { InfraUnavailable } from '../error-codes.ts';
import type { Endpoint, UnexpectedExit } from '../provider.ts';
import type { ServiceContext } from '../services/service.ts';
import { CONFIG_VARIABLE, type ComponentName, type ProcessConfig } from './components.ts';
import { readJsonLines, type OwnerMessage, type ProcessMessage } from './messages.ts';

export interface EmbeddedProcessOptions {
  readonly components: readonly ComponentName[];
  readonly context: ServiceContext;
  readonly clock: Clock;
  readonly onWarning: (service: ComponentName, message: string) => void;
}

export interface Listening {
  readonly direct: Endpoint;
  readonly upstream: Endpoint;
}

/** Beyond it a process that was told to end is killed: PGlite's takes up to a second to free its WebAssembly, and has nothing to save. */
const END_WITHIN_MS = 150;
const STDERR_TAIL_BYTES = 2000;

/** The compiled program has main.js beside this file, the source main.ts. */
const mainPath = fileURLToPath(import.meta.url).replace(/process(\.[jt]s)$/, 'main$1');

/**
 * A child process with some of the servers. In a process group of its own, so that Ctrl-C in the terminal reaches
 * only the owner, and bound to the owner by its stdin, so that it ends with it however that ends.
 */
export class EmbeddedProcess {
  readonly pid: number;
  /** Never rejects. */
  readonly exited: Promise<UnexpectedExit>;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #clock: Clock;
  readonly #listening = new Map<ComponentName, PromiseWithResolvers<Listening>>();
  #failure: string | undefined;

  /** Throws InfraUnavailable where the process cannot be made. */
  constructor({ components, context, clock, onWarning }: EmbeddedProcessOptions) {
    const stderrPath = join(context.logsDir, `infra-${components.join('-')}.stderr.log`);
    const config: ProcessConfig = { components, context };
    this.#clock = clock;
    this.#child = spawnWithLog(stderrPath, config);
    this.pid = this.#child.pid ?? 0;
    for (const component of components) {
      const listening = Promise.withResolvers<Listening>();
      listening.promise.catch(() => undefined);
      this.#listening.set(component, listening);
    }
    this.#child.stdin.on('error', () => undefined); // The process is gone; `exited` tells.
    readJsonLines(
      this.#child.stdout,
      (message) => this.#onMessage(message as ProcessMessage, onWarning),
      (line) => onWarning(components[0] as ComponentName, `printed: ${line}`),
    );
    this.exited = new Promise((resolve) => {
      const onEnd = async (exitCode: number | null, signal: NodeJS.Signals | null, reason?: string): Promise<void> => {
        const stderrTail = (await readFile(stderrPath, 'utf8').catch(() => '')).slice(-STDERR_TAIL_BYTES).trim(); // A log that is gone tells nothing.
        this.#failure ??= reason ?? `The process of ${components.join(', ')} ended ${signal === null ? `with exit code ${exitCode}` : `by ${signal}`} before it was ready; see ${stderrPath}.`;
        const failure = new InfraUnavailable(this.#failure);
        for (const listening of this.#listening.values()) listening.reject(failure);
        resolve({ services: components, pid: this.pid, exitCode, signal, stderrTail });
      };
      // 'close' comes after the last line of stdout.
      this.#child.once('close', (exitCode, signal) => void onEnd(exitCode, signal));
      this.#child.once('error', (error) => void onEnd(null, null, `${process.execPath} cannot be started: ${error.message}.`));
    });
  }

  /** Rejects with InfraUnavailable, in the server's own words where it had any. */
  listening(component: ComponentName): Promise<Listening> {
    return (this.#listening.get(component) as PromiseWithResolvers<Listening>).promise;
  }

  tellProxied(service: ComponentName, endpoint: Endpoint): void {
    const message: OwnerMessage = { type: 'service.proxied', service, endpoint };
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Resolves when the process is gone: asked first, then killed. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    this.#child.kill('SIGTERM');
    const cancel = this.#clock.setTimer(END_WITHIN_MS, () => this.#child.kill('SIGKILL'));
    await this.exited;
    cancel();
  }

  #onMessage(message: ProcessMessage, onWarning: EmbeddedProcessOptions['onWarning']): void {
    switch (message.type) {
      case 'service.listening':
        return this.#listening.get(message.service)?.resolve(message);
      case 'service.warning':
        return onWarning(message.service, message.message);
      case 'service.failed':
        this.#failure ??= message.message;
        this.#listening.get(message.service)?.reject(new InfraUnavailable(message.message));
    }
  }
}

function spawnWithLog(stderrPath: string, config: ProcessConfig): ChildProcessByStdio<Writable, Readable, null> {
  let stderr: number;
  try {
    stderr = openSync(stderrPath, 'w');
  } catch (error) {
    throw new InfraUnavailable(`The log ${stderrPath} cannot be written: ${asError(error).message}.`, { cause: error });
  }
  try {
    // Error output goes to a file, not a pipe: a pipe would need somebody to read it, and would break with the owner.
    const options: SpawnOptions = { detached: true, stdio: ['pipe', 'pipe', stderr], env: { ...process.env, [CONFIG_VARIABLE]: JSON.stringify(config) } };
    return spawn(process.execPath, [mainPath], options) as ChildProcessByStdio<Writable, Readable, null>;
  } finally {
    closeSync(stderr);
  }
}
