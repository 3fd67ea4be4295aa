import type { Clock } from '../core/clock.ts';
import type { Terminal } from './screen/terminal.ts';

/** What a command works with; tests give their own. */
export interface CommandContext {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): void };
  readonly stderr: { write(text: string): void };
  readonly clock: Clock;
  /** Aborts at Ctrl-C, SIGTERM, SIGHUP, and when whoever started the program is gone. */
  readonly signal: AbortSignal;
  /** Package version. */
  readonly version: string;
  /** Colours may be used on stdout. */
  readonly colour: boolean;
  /** Width of the terminal behind stdout; undefined where there is none. */
  readonly columns: number | undefined;
  /** Where a screen can be shown; absent where nobody sits there. */
  readonly terminal?: Terminal;
}
