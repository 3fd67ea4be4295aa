import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const bin = fileURLToPath(new URL('../../bin/netra-resilience.js', import.meta.url));

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Node that starts it. @default the one that runs the tests */
  readonly node?: string;
  /** @default the project's own */
  readonly bin?: string;
}

/** What is tested must not depend on what else the machine has: `auto` is to mean embedded everywhere. */
export const noEngine = { DOCKER_HOST: 'unix:///no-engine-for-this-test.sock' };

/** A running `netra-resilience`, as a user started it: no terminal, output collected. Killed at the end of its scope. */
export class RunningCli implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly finished: Promise<CliResult>;
  stdout = '';
  stderr = '';
  readonly #listeners = new Set<() => void>();

  constructor(args: readonly string[], options: CliOptions) {
    this.process = spawn(options.node ?? process.execPath, [options.bin ?? bin, ...args], { cwd: options.cwd, env: { ...process.env, ...(args.includes('containers') ? {} : noEngine), NO_COLOR: '1', ...options.environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (name: 'stdout' | 'stderr') => (chunk: Buffer) => {
      this[name] += chunk.toString('utf8');
      for (const listener of this.#listeners) listener();
    };
    this.process.stdout?.on('data', collect('stdout'));
    this.process.stderr?.on('data', collect('stderr'));
    this.finished = new Promise((resolve) => this.process.once('close', (exitCode) => resolve({ exitCode, stdout: this.stdout, stderr: this.stderr })));
  }

  /** Resolves once the text has been written to either stream; rejects when the program ends without it. */
  printed(text: string | RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const found = (): boolean => (typeof text === 'string' ? (this.stdout + this.stderr).includes(text) : text.test(this.stdout + this.stderr));
      const check = (): void => {
        if (!found()) return;
        this.#listeners.delete(check);
        resolve();
      };
      this.#listeners.add(check);
      check();
      void this.finished.then(() => (found() ? resolve() : reject(new Error(`ended without printing ${String(text)}:\n${this.stdout}\n${this.stderr}`))));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL');
    await this.finished;
  }
}

export function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return new RunningCli(args, options).finished;
}

/** An empty folder that is removed with its `await using` scope. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'netra-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
