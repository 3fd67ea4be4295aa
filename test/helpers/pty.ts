import { spawn, type IPty } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { bin, noEngine } from './cli.ts';
import { until } from './until.ts';

export interface PtyOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Node that starts it. @default the one that runs the tests */
  readonly node?: string;
  /** Of Node, before the program. */
  readonly nodeOptions?: readonly string[];
}

/** The program in a terminal of its own, and what stands on it: escape sequences are carried out, as a terminal does. */
export class Pty implements AsyncDisposable {
  readonly #process: IPty;
  readonly #terminal: xterm.Terminal;
  /** Everything that was written, as it came. */
  output = '';
  readonly finished: Promise<{ readonly exitCode: number; readonly signal: number | undefined }>;
  #over = false;

  constructor(words: readonly string[], { cwd, columns = 100, rows = 30, environment = {}, node = process.execPath, nodeOptions = [] }: PtyOptions) {
    const { CI: _, NO_COLOR: __, ...inherited } = process.env;
    const settings = Object.entries({ ...inherited, ...noEngine, TERM: 'xterm-256color', ...environment }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#process = spawn(node, [...nodeOptions, bin, ...words], { cwd, cols: columns, rows, env: Object.fromEntries(settings) });
    this.#process.onData((text) => {
      this.output += text;
      this.#terminal.write(text);
    });
    this.finished = new Promise((resolve) => {
      this.#process.onExit(({ exitCode, signal }) => {
        this.#over = true;
        // What was still under way to the terminal is on it before anybody looks.
        this.#terminal.write('', () => resolve({ exitCode, signal: signal || undefined }));
      });
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Lines as they stand on the screen now, without what is blank at their end. */
  get lines(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: this.#terminal.rows }, (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '');
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** The screen that full-screen programs use, and give back when they end. */
  get onAlternateScreen(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  type(text: string): void {
    this.#process.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#process.resize(columns, rows);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.#process.pid, name);
  }

  async until(seen: (text: string) => boolean, what: string, timeoutMs = 60_000): Promise<void> {
    try {
      await until(() => seen(this.text), what, timeoutMs);
    } catch (error) {
      throw new Error(`${(error as Error).message}; on the screen:\n${this.text}`, { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.signal('SIGKILL');
    await this.finished;
    this.#terminal.dispose();
  }
}
