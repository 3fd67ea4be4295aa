import type { OptionSpec } from '../command.ts';

/** Of every command that has a screen. */
export const noTuiFlag: OptionSpec = { flags: '--no-tui', description: 'lines instead of the screen, as where stdin or stdout is no terminal, and in CI' };
