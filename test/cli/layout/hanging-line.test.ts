import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { hangingLine } from '../../../src/cli/layout/hanging-line.ts';

const line = '✔ no-job-lost          4 accepted, 4 reported, 0 refused';

describe('hangingLine', () => {
  it('P03 leaves a line as it is where there is room, or no terminal', () => {
    expect(hangingLine(line, 23, 80)).toBe(line);
    expect(hangingLine(line, 23, undefined)).toBe(line);
  });

  it('P03 sets in what goes on below', () => {
    expect(hangingLine(line, 23, 46).split('\n')).toEqual(['✔ no-job-lost          4 accepted, 4 reported,', `${' '.repeat(23)}0 refused`]);
  });

  it('P03 gives up the inset where it would leave no room, and never breaks a word', () => {
    expect(hangingLine(line, 23, 24).split('\n')).toEqual(['✔ no-job-lost          4', '    accepted, 4', '    reported, 0 refused']);
    expect(hangingLine('see .netra/runs/20261120-122016-36cd4f/reports', 2, 30).split('\n')).toEqual(['see', '  .netra/runs/20261120-122016-36cd4f/reports']);
  });

  it('P03 counts colours as nothing', () => {
    const painted = new Chalk({ level: 1 }).red('x'.repeat(20));
    expect(hangingLine(`${painted} ${painted}`, 2, 41)).toBe(`${painted} ${painted}`);
  });
});
