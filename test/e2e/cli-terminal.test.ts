import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bin, noEngine, temporaryFolder } from '../helpers/cli.ts';
import { olderNode } from '../helpers/older-node.ts';
import { processesOf } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

/** Of util-linux: gives a program a terminal of its own, and hands on what is typed. */
const terminalProgram: string = 'script';
const hasScript = process.platform === 'linux' && spawnSync(terminalProgram, ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;
const older = olderNode();
const escape = String.fromCodePoint(27);

class Terminal implements AsyncDisposable {
  readonly #process;
  readonly finished: Promise<number | null>;
  screen = '';

  constructor(node: string, words: string, options: { cwd: string; columns?: number; environment?: Record<string, string> }) {
    const { NO_COLOR: _, ...environment } = process.env;
    this.#process = spawn(terminalProgram, ['-qec', `stty cols ${options.columns ?? 100}; exec '${node}' '${bin}' ${words}`, '/dev/null'], {
      cwd: options.cwd,
      env: { ...environment, ...noEngine, TERM: 'xterm', ...options.environment },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.screen += text;
    });
    this.finished = new Promise((resolve) => this.#process.once('close', resolve));
  }

  type(text: string): void {
    this.#process.stdin.write(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.finished;
  }
}

describe.runIf(hasScript)('in a terminal (needs `script` of util-linux)', () => {
  it('P03 a host’s log is text for whoever sits there, and Ctrl-C says what happens now', async () => {
    await using folder = await temporaryFolder();
    const away = { NETRA_REDIS_URL: 'redis://127.0.0.1:1', NETRA_KAFKA_BROKERS: '127.0.0.1:1', NETRA_DATABASE_URL: 'postgres://127.0.0.1:1/x', NETRA_LLM_BASE_URL: 'http://127.0.0.1:1/v1', NETRA_SHUTDOWN_GRACE_MS: '3000' };
    // Standard error as well, which `script` shows on the same screen.
    await using terminal = new Terminal(process.execPath, 'host --role reporting --name r-9', { cwd: folder.path, environment: away });
    await until(() => terminal.screen.includes('host.listening'), 'the host to listen', 30_000);
    terminal.type('\u0003');
    expect(await terminal.finished).toBe(0);
    expect(terminal.screen).toContain('r-9 takes no more work and ends what is under way, 3 s at most; Ctrl-C again ends it at once');
    expect(terminal.screen).toMatch(/\d\d:\d\d:\d\d info {2}host is shutting down {2}why=interrupted by Ctrl-C\r\n/);
    expect(terminal.screen).toContain('r-9 has ended');
  });

  it.each([['this Node', process.execPath] as const, ...(older === undefined ? [] : [['an older Node, by the launcher', older] as const])])('P03 started by %s: lines are painted, and Ctrl-C ends it like everywhere', async (_, node) => {
    await using folder = await temporaryFolder();
    await using terminal = new Terminal(node, 'run --jobs 1 --no-tui', { cwd: folder.path });
    await until(() => terminal.screen.includes('postgres '), 'postgres', 30_000);
    expect(terminal.screen).toContain(`${escape}[1m`);
    terminal.type('\u0003');
    expect(await terminal.finished).toBe(130);
    expect(terminal.screen).toContain('interrupted (interrupted by Ctrl-C); everything is being shut down');
    expect(terminal.screen).toContain('not finished: interrupted by Ctrl-C');
    expect(await processesOf(folder.path)).toEqual([]);
  });

  it('P03 no colours with NO_COLOR or in a dumb terminal, and lines as wide as the terminal', async () => {
    await using folder = await temporaryFolder();
    const plain = [{ NO_COLOR: '1' }, { TERM: 'dumb' }].map(async (environment) => {
      await using terminal = new Terminal(process.execPath, 'doctor', { cwd: folder.path, environment });
      expect(await terminal.finished).toBe(0);
      return terminal.screen.includes(escape);
    });
    expect(await Promise.all(plain)).toEqual([false, false]);
    await using painted = new Terminal(process.execPath, 'doctor', { cwd: folder.path, columns: 40, environment: { NO_COLOR: '' } });
    expect(await painted.finished).toBe(0);
    expect(painted.screen).toContain(escape);
    const lines = painted.screen.split(/\r?\n/).map((line) => line.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), ''));
    expect(Math.max(...lines.filter((line) => !line.includes('/')).map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('P03 a terminal that was given no size gets whole lines', async () => {
    await using folder = await temporaryFolder();
    await using terminal = new Terminal(process.execPath, 'doctor', { cwd: folder.path, columns: 0, environment: { NO_COLOR: '1' } });
    expect(await terminal.finished).toBe(0);
    expect(terminal.screen).toContain('free ports can be had on 127.0.0.1; none is fixed');
  });
});
