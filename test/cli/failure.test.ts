import { describe, expect, it } from 'vitest';
import { CliError, UsageError } from '../../src/cli/error-codes.ts';
import { describeFailure } from '../../src/cli/failure.ts';
import { InvariantViolation } from '../../src/core/error-codes.ts';

const running = { signal: new AbortController().signal, brokenOutput: undefined };
const ended = { signal: AbortSignal.abort(new Error('interrupted by Ctrl-C')), brokenOutput: undefined };

describe('what ends a command', () => {
  it('N07 everything wrong with what was given: one line each, exit code 64', () => {
    const problems = [
      { where: '--jobs', what: 'is empty', fix: 'give it a value' },
      { where: 'jobs.yaml:3:1', what: 'is no date', fix: 'write it as YYYY-MM-DD' },
    ];
    expect(describeFailure(new UsageError(problems), running)).toEqual({ text: '--jobs: is empty; give it a value\njobs.yaml:3:1: is no date; write it as YYYY-MM-DD\n', exitCode: 64 });
  });

  it('N07 a sentence and its code for what is in the way, exit code 69', () => {
    expect(describeFailure(new CliError('WORKSPACE_UNWRITABLE', 'x cannot be written: the disk is full'), running)).toEqual({ text: 'x cannot be written: the disk is full (WORKSPACE_UNWRITABLE)\n', exitCode: 69 });
  });

  it('N07 only a bug of ours shows a stack trace, exit code 70, also while the program is being ended', () => {
    for (const end of [running, ended]) {
      const { text, exitCode } = describeFailure(new InvariantViolation('two heads'), end);
      expect(exitCode).toBe(70);
      expect(text).toMatch(/^A bug of netra-resilience[^\n]*two heads\n\s+at /);
    }
    expect(describeFailure(new TypeError('x is not a function'), running).exitCode).toBe(70);
  });

  it('N07 what is thrown because the user ended the program is not told, exit code 130', () => {
    expect(describeFailure(new Error('interrupted by Ctrl-C'), ended)).toEqual({ text: '', exitCode: 130 });
    expect(describeFailure(new TypeError('fetch failed'), ended)).toEqual({ text: '', exitCode: 130 });
  });

  it('N07 an output that cannot be written is what ended the program, exit code 69', () => {
    const brokenOutput = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const { text, exitCode } = describeFailure(brokenOutput, { signal: ended.signal, brokenOutput });
    expect(exitCode).toBe(69);
    expect(text).toBe('The output cannot be written: ENOSPC: no space left on device, write; send it somewhere else. (OUTPUT_UNWRITABLE)\n');
  });

  it('N07 what stands in a file can neither drive the terminal nor flood it', () => {
    const problems = Array.from({ length: 80 }, (_, index) => ({ where: `f:${index + 1}`, what: `"\u001B[2J\u0007${'x'.repeat(5_000)}" is odd`, fix: 'mend it' }));
    const lines = describeFailure(new UsageError(problems), running).text.trimEnd().split('\n');
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('and 30 more problems');
    expect(lines[0]).toMatch(/^f:1: "\\x1b\[2J\\x07x+…$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(600);
  });
});
