import { describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/commands/run.ts';
import { isDate, readRunOptions } from '../../../src/cli/run/run-options.ts';
import { formatProblem, Problems } from '../../../src/core/problems.ts';
import { commandInput } from '../helpers.ts';

function read(options: Record<string, string | true>): { lines: string[]; options: ReturnType<typeof readRunOptions> } {
  const problems = new Problems();
  const result = readRunOptions(commandInput(options), problems);
  return { lines: problems.list.map(formatProblem), options: result };
}

/** Default of a flag as the help states it. */
function stated(flag: string): string | undefined {
  return run.options.find(({ flags }) => flags.startsWith(`${flag} `))?.defaultText;
}

describe('flags of run', () => {
  it('P01 have the defaults that the help states', () => {
    const { lines, options } = read({});
    expect(lines).toEqual([]);
    expect(options).toMatchObject({ control: false, json: false, quiet: false });
    expect({
      '--infra': options.infra,
      '--llm-latency-ms': String(options.llmLatencyMs),
      '--llm-tokens-per-second': String(options.llmTokensPerSecond),
      '--reporting-hosts': String(options.reportingHosts),
      '--job-timeout-s': String(options.jobTimeoutMs / 1_000),
      '--seed': options.seed,
    }).toEqual(Object.fromEntries(['--infra', '--llm-latency-ms', '--llm-tokens-per-second', '--reporting-hosts', '--job-timeout-s', '--seed'].map((flag) => [flag, stated(flag)])));
  });

  it.each([
    [{ jobs: 'abc' }, "--jobs: 'abc' is no whole number from 1 to 100000; for example --jobs 4"],
    [{ jobs: '-1' }, "--jobs: '-1' is no whole number from 1 to 100000; for example --jobs 4"],
    [{ jobs: '' }, "--jobs: '' is no whole number from 1 to 100000; for example --jobs 4"],
    [{ jobs: '1e3' }, "--jobs: '1e3' is no whole number from 1 to 100000; for example --jobs 4"],
    [{ jobs: '0x10' }, "--jobs: '0x10' is no whole number from 1 to 100000; for example --jobs 4"],
    [{ jobs: '9'.repeat(30) }, `--jobs: '${'9'.repeat(30)}' is no whole number from 1 to 100000; for example --jobs 4`],
    [{ concurrency: '0' }, "--concurrency: '0' is no whole number from 1 to 1000; for example --concurrency 4"],
    [{ everyMs: '-1' }, "--every-ms: '-1' is no whole number from 0 to 3600000; for example --every-ms 4"],
    [{ everyMs: '1s' }, "--every-ms: '1s' is no whole number from 0 to 3600000; for example --every-ms 4"],
    [{ reportingHosts: '17' }, "--reporting-hosts: '17' is no whole number from 1 to 16; for example --reporting-hosts 4"],
    [{ jobTimeoutS: '0' }, "--job-timeout-s: '0' is no whole number from 1 to 86400; for example --job-timeout-s 4"],
    [{ llmLatencyMs: '1.5' }, "--llm-latency-ms: '1.5' is no whole number from 0 to 600000; for example --llm-latency-ms 4"],
    [{ llmTokensPerSecond: '-3' }, "--llm-tokens-per-second: '-3' is no whole number from 0 to 1000000; for example --llm-tokens-per-second 4"],
    [{ from: '2025-02-30' }, "--from: '2025-02-30' is no date; write it as YYYY-MM-DD, for example --from 2025-10-01"],
    [{ to: '01.02.2025' }, "--to: '01.02.2025' is no date; write it as YYYY-MM-DD, for example --to 2025-10-01"],
    [{ from: '2025-05-02', to: '2025-05-01' }, '--from: 2025-05-02 is after --to 2025-05-01; exchange the two'],
    [{ infra: 'container' }, "--infra: 'container' is no provider; did you mean containers?"],
    [{ infra: 'x' }, "--infra: 'x' is no provider; use auto, embedded, containers, external"],
    [{ seed: ' ' }, '--seed: is empty; give it a value or leave it out'],
    [{ seed: 'x'.repeat(201) }, '--seed: is 201 characters long; use at most 200 characters of text'],
    [{ question: '' }, '--question: is empty; give it a value or leave it out'],
    [{ question: 'why? '.repeat(1_000) }, '--question: is 5000 characters long; use at most 4000 characters of text'],
    [{ out: '' }, '--out: is empty; give it a value or leave it out'],
    [{ data: '' }, '--data: is empty; give it a value or leave it out'],
    [{ llmUrl: 'localhost:11434', llmModel: 'm' }, "--llm-url: 'localhost:11434' is no http(s) URL; give the base URL, for example http://127.0.0.1:11434/v1"],
    [{ llmUrl: 'ftp://host/v1', llmModel: 'm' }, "--llm-url: 'ftp://host/v1' is no http(s) URL; give the base URL, for example http://127.0.0.1:11434/v1"],
    [{ llmUrl: 'http://me:secret@host/v1', llmModel: 'm' }, '--llm-url: holds a user name or a password; put the key into NETRA_LLM_API_KEY'],
    [{ llmUrl: 'http://host/v1?key=secret', llmModel: 'm' }, '--llm-url: holds more than a base URL; leave out what begins with ? or #'],
    [{ llmUrl: 'http://host/v1' }, '--llm-url: needs the name of a model; add --llm-model <name>'],
    [{ llmModel: 'm' }, '--llm-model: names a model of --llm-url, which is not given; add --llm-url or leave it out'],
    [{ jobs: '3', jobsFile: 'f' }, '--jobs: and --jobs-file both say which jobs to run; leave one of them out'],
    [{ question: 'q', jobsFile: 'f' }, '--question: does not go with --jobs-file, whose jobs have their own; leave one of them out'],
  ])('N07 %o', (options, expected) => {
    expect(read(options as Record<string, string>).lines).toEqual([expected]);
  });

  it('N07 are all looked at, whatever is wrong with the first', () => {
    const { lines } = read({ jobs: 'x', concurrency: 'x', from: 'x', to: 'x', infra: 'x', llmUrl: 'x', seed: '', out: '', data: '' });
    expect(lines.map((line) => line.slice(0, line.indexOf(':'))).toSorted()).toEqual(['--concurrency', '--data', '--from', '--infra', '--jobs', '--llm-url', '--llm-url', '--out', '--seed', '--to']);
  });

  it('N07 a date is a day that exists', () => {
    expect(['2024-02-29', '2025-12-31', '1999-01-01'].every(isDate)).toBe(true);
    expect(['2025-02-29', '2025-13-01', '2025-00-10', '2025-1-1', '2025-01-01T00:00', '', '20250101'].some(isDate)).toBe(false);
  });
});
