import type { CommandInput } from '../command.ts';
import type { CommandContext } from '../context.ts';
import type { Terminal } from './terminal.ts';

/** The terminal to show a screen on; undefined where there is none, or where other output was asked for (`--no-tui`, `--json`, `--quiet`). */
export function screenTerminal({ terminal }: CommandContext, { noTui, json, quiet }: CommandInput['options']): Terminal | undefined {
  return noTui === undefined && json === undefined && quiet === undefined ? terminal : undefined;
}
