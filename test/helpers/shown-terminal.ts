import xterm from '@xterm/headless';
import type { Terminal } from '../../src/cli/screen/terminal.ts';
import { fakeTerminal } from './fake-terminal.ts';
import { until } from './until.ts';

/** A terminal within this process, and what stands on it: escape sequences are carried out. */
export class ShownTerminal implements Terminal, Disposable {
  readonly #ends: ReturnType<typeof fakeTerminal>;
  readonly #shown: xterm.Terminal;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;

  constructor(columns = 100, rows = 30) {
    this.#ends = fakeTerminal(columns, rows);
    this.stdin = this.#ends.stdin;
    this.stdout = this.#ends.stdout;
    // As the line discipline of a real one does it.
    this.#shown = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
    this.stdout.on('data', (text: string) => this.#shown.write(text));
  }

  /** Keys are read one by one. */
  get raw(): boolean {
    return this.#ends.isRaw();
  }

  get text(): string {
    const { active } = this.#shown.buffer;
    return Array.from({ length: this.#shown.rows }, (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '').join('\n');
  }

  get onAlternateScreen(): boolean {
    return this.#shown.buffer.active.type === 'alternate';
  }

  type(keys: string): void {
    this.#ends.type(keys);
  }

  /** What stood on the terminal before is there again, and lines are read. */
  async givenBack(): Promise<void> {
    await until(() => !this.onAlternateScreen && !this.raw, 'the terminal to be given back');
  }

  async until(seen: string | RegExp, timeoutMs = 15_000): Promise<void> {
    try {
      await until(() => (typeof seen === 'string' ? this.text.includes(seen) : seen.test(this.text)), String(seen), timeoutMs);
    } catch (error) {
      throw new Error(`${(error as Error).message}; on the screen:\n${this.text}`, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    this.#shown.dispose();
  }
}
