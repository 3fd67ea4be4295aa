import { describe, expect, it } from 'vitest';
import { defineCommand } from '../../../src/cli/command.ts';
import { parseCommandLine } from '../../../src/cli/program.ts';
import { terminalOf, type Terminal } from '../../../src/cli/screen/terminal.ts';
import { noTuiFlag } from '../../../src/cli/screen/tui-flag.ts';
import { screenTerminal } from '../../../src/cli/screen/wants-screen.ts';
import { formatProblem } from '../../../src/core/problems.ts';
import { testContext } from '../helpers.ts';

const stdin = (isTTY: boolean): Terminal['stdin'] => ({ isTTY }) as Terminal['stdin'];
const stdout = (isTTY: boolean): Terminal['stdout'] => ({ isTTY }) as Terminal['stdout'];
const terminal: Terminal = { stdin: stdin(true), stdout: stdout(true) };

describe('where there is a screen', () => {
  it.each([
    ['both ends are one', true, true, { TERM: 'xterm-256color' }, true],
    ['TERM is not set', true, true, {}, true],
    ['CI says that it is none', true, true, { CI: 'false' }, true],
    ['CI is empty', true, true, { CI: '' }, true],
    ['stdout is piped', true, false, { TERM: 'xterm' }, false],
    ['stdin is piped', false, true, { TERM: 'xterm' }, false],
    ['it is dumb', true, true, { TERM: 'dumb' }, false],
    ['nobody looks, in CI', true, true, { TERM: 'xterm', CI: 'true' }, false],
  ])('P03 a terminal is one on which a screen can be shown where %s', (_, inIsTty, outIsTty, environment, expected) => {
    expect(terminalOf(stdin(inIsTty), stdout(outIsTty), environment) !== undefined).toBe(expected);
  });

  it('P03 no screen where other output is asked for, or where there is no terminal', () => {
    const context = testContext({ terminal });
    expect(screenTerminal(context, {})).toBe(terminal);
    for (const option of ['noTui', 'json', 'quiet']) expect(screenTerminal(context, { [option]: true })).toBeUndefined();
    expect(screenTerminal(testContext(), {})).toBeUndefined();
  });

  it('P03 --no-tui arrives as a switch that was given, and is absent where it was not', () => {
    const spec = defineCommand({ name: 'watch', summary: '', options: [noTuiFlag], examples: [], load: () => Promise.reject(new Error('not wanted')) });
    const parse = (words: string[]): unknown => {
      const parsed = parseCommandLine([spec], ['watch', ...words], '0');
      return parsed.kind === 'command' ? [parsed.input.options, parsed.input.problems.map(formatProblem)] : parsed;
    };
    expect(parse(['--no-tui'])).toEqual([{ noTui: true }, []]);
    expect(parse([])).toEqual([{}, []]);
    expect(parse(['--no-tui=1'])).toEqual([expect.anything(), ['--no-tui=1: --no-tui is a switch and takes no value; write --no-tui, or leave it out']]);
    expect(parse(['--notui'])).toEqual([expect.anything(), ['--notui: watch has no such flag; did you mean --no-tui?']]);
  });
});
