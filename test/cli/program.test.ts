import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { formatProblem } from '../../src/core/problems.ts';
import { problemsOf } from './helpers.ts';

const parse = (line: string): ReturnType<typeof parseCommandLine> => parseCommandLine(commands, line === '' ? [] : line.split(' '), '1.2.3');

/** What is said of a line, whether a command could be made out or not. */
async function said(line: string): Promise<string[]> {
  let problems: string[] = [];
  const thrown = await problemsOf(() => {
    const parsed = parse(line);
    problems = parsed.kind === 'command' ? parsed.input.problems.map(formatProblem) : [];
  });
  return [...thrown, ...problems];
}

describe('the command line', () => {
  it('N07 is read by commander: flags by camel-case name, values as typed, positionals in order', () => {
    expect(parse('run --jobs 3 --jobs-file=a.yaml --json --llm-latency-ms -1')).toMatchObject({
      kind: 'command',
      spec: { name: 'run' },
      input: { positionals: [], options: { jobs: '3', jobsFile: 'a.yaml', json: true, llmLatencyMs: '-1' }, problems: [] },
    });
    expect(parse('show latest job-1')).toMatchObject({ spec: { name: 'show' }, input: { positionals: ['latest', 'job-1'], problems: [] } });
  });

  it.each([
    ['rnu', ['rnu: is no command; did you mean run?']],
    ['help rnu', ['rnu: is no command; did you mean run?']],
    ['--jobs 3', ['--jobs: stands before any command; write it behind its command: `netra-resilience run --jobs 3`']],
    ['--json run', ['--json: stands before any command; write it behind its command: `netra-resilience run --json`']],
    ['--hlep', ['--hlep: stands before any command; did you mean --help?']],
    ['run --job 3', ['--job: run has no such flag; did you mean --jobs?']],
    ['run --job=3', ['--job=3: run has no such flag; did you mean --jobs?']],
    ['run --xyzzy', ['--xyzzy: run has no such flag; `netra-resilience run --help` lists its flags']],
    ['run --jobs', ['--jobs: needs a value; write --jobs=<value>']],
    ['run --jobs --json', ['--jobs: needs a value; write --jobs=<value>']],
    ['run --json=yes', ['--json=yes: --json is a switch and takes no value; write --json, or leave it out']],
    ['run fast', ['fast: run takes no arguments; leave it out']],
    ['show', ['show: needs <run>; for example `netra-resilience show latest`']],
    ['show a b c', ['c: show takes no more than <run> [job]; leave it out']],
  ])('N07 `%s` is told what is wrong and how to mend it', async (line, expected) => {
    expect(await said(line)).toEqual(expected);
  });

  it('N07 everything wrong with the words is told at once', async () => {
    expect(await said('run --job 3 --sede 4 --out --json=1')).toHaveLength(4);
  });

  it.each(commands.map((spec) => spec.name))('N07 %s refuses words that mean nothing, before it does anything else', async (name) => {
    const parsed = parse(`${name} --no-such-flag`);
    if (parsed.kind !== 'command') throw new Error('no command');
    const { run } = await parsed.spec.load();
    // A context without members: whatever were touched first would throw something else.
    expect(await problemsOf(() => run(parsed.input, new Proxy({ cwd: '/', environment: {}, clock: { now: () => 0 }, signal: AbortSignal.timeout(60_000) } as never, {})))).toContainEqual(
      expect.stringMatching(/^--no-such-flag: /),
    );
  });

  it('N08 help and version are text; each command’s help lists its flags, defaults and examples', () => {
    expect(parse('--version')).toEqual({ kind: 'text', text: '1.2.3\n' });
    for (const line of ['', '--help', 'help']) {
      const { text } = parse(line) as { text: string };
      for (const spec of commands) expect(text).toContain(`  ${spec.name}`);
    }
    for (const spec of commands) {
      const { text } = parse(`help ${spec.name}`) as { text: string };
      expect(parse(`${spec.name} --help`)).toEqual({ kind: 'text', text });
      for (const option of spec.options) expect(text).toContain(option.flags);
      for (const example of spec.examples) expect(text).toContain(example);
    }
  });

  it('N08 every example in the help is a command line that nothing is wrong with', async () => {
    for (const example of commands.flatMap((spec) => spec.examples)) {
      const words = example.replace(/^netra-resilience /, '').replace(/ > \S+$/, '').replaceAll(/"[^"]*"/g, 'text');
      expect([example, ...(await said(words))]).toEqual([example]);
    }
  });
});
