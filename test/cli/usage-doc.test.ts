import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { readJobsFile } from '../../src/cli/run/jobs-file.ts';
import { planRun } from '../../src/cli/run/plan.ts';
import { Problems } from '../../src/core/problems.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { problemsOf, testContext } from './helpers.ts';

const usage = await readFile(fileURLToPath(new URL('../../docs/usage.md', import.meta.url)), 'utf8');
const readme = await readFile(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

function block(language: string, containing: string): string {
  const found = [...usage.matchAll(/```(\w*)\n([^]*?)```/g)].find(([, name, text]) => name === language && text?.includes(containing));
  return found?.[2] ?? '';
}

describe('docs/usage.md', () => {
  it('N08 its command lines, and those of the README, are ones that nothing is wrong with', () => {
    const lines = [...`${usage}\n${readme}`.matchAll(/npx netra-resilience ([^\n`>|]+)/g)].map(([, words = '']) => words.trim().replaceAll(/"[^"]*"/g, 'text'));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      const parsed = parseCommandLine(commands, line.split(' '), '0');
      expect(parsed.kind === 'command' ? [line, ...parsed.input.problems] : [line, 'is no command']).toEqual([line]);
    }
  });

  it('N08 its jobs file can be used', async () => {
    await using folder = await tempFolder({ 'jobs.yaml': block('yaml', 'question:') });
    const problems = new Problems();
    const jobs = await readJobsFile(join(folder.path, 'jobs.yaml'), 'jobs.yaml', { from: '2025-10-01', to: '2025-12-31' }, problems, new AbortController().signal);
    expect(problems.list).toEqual([]);
    expect(jobs.map(({ name, userId }) => [name, userId])).toEqual([['job-1', 'user-1'], ['payments', 'user-7']]);
  });

  it('N08 what it shows of wrong input is what is told', async () => {
    await using folder = await tempFolder({
      'jobs.yaml': '- question: Why?\n- queston: How?\n  question: How?\n',
      'shop/mapping.yaml': 'tables:\n  payments:\n    file: zahlungen.csv\n    columns:\n      amount: {column: betrag}\n    defaults: {currency: EUR}\n',
      'shop/zahlungen.csv': 'payment_id,order_id,paid_on,Betrag\n1,2,2025-01-01,3\n',
    });
    const parsed = parseCommandLine(commands, 'run --jbos 3 --to 2025-02-30 --data shop --jobs-file jobs.yaml'.split(' '), '0');
    if (parsed.kind !== 'command') throw new Error('no command');
    const told = await problemsOf(() => planRun(parsed.input, testContext({ cwd: folder.path })));
    expect(told).toEqual(block('', '--jbos').trimEnd().split('\n'));
  });

  it('N08 its table of exit codes is the program’s', () => {
    const listed = [...usage.matchAll(/^\| (\d+) \| \w/gm)].map(([, code]) => Number(code));
    expect(listed).toEqual(Object.values(exitCodes));
  });
});
