import type { Problems } from '../../core/problems.ts';
import type { CommandInput } from '../command.ts';
import { readFleetChoice, type FleetChoice } from '../fleet-option.ts';
import { readInfraFlags, type InfraFlags } from '../infra-options.ts';

/** The flags of `run`, read and in range; what belongs to a file is not looked at here. */
export interface RunOptions extends InfraFlags {
  readonly jobs: number | undefined;
  readonly jobsFile: string | undefined;
  readonly concurrency: number | undefined;
  /** From one job's submission to the next. */
  readonly everyMs: number;
  readonly question: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly data: string | undefined;
  readonly llmLatencyMs: number;
  readonly llmTokensPerSecond: number;
  readonly reportingHosts: number;
  readonly jobTimeoutMs: number;
  readonly seed: string;
  readonly out: string | undefined;
  readonly control: boolean;
  readonly fleet: FleetChoice;
  readonly json: boolean;
  readonly quiet: boolean;
}

export const maxJobs = 100_000;
/** As the fleet takes it. */
export const maxQuestionLength = 4_000;
const maxSeedLength = 200;

/** Adds every problem to `problems`; what is returned is of use only where there is none. */
export function readRunOptions(input: CommandInput, problems: Problems): RunOptions {
  const { options } = input;
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  const nonEmpty = (name: string, flag: string, maxLength = 4_096): string | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    if (value.trim() === '') problems.add(flag, 'is empty', 'give it a value or leave it out');
    else if (value.includes('\0') || value.length > maxLength) problems.add(flag, value.length > maxLength ? `is ${value.length} characters long` : 'holds a NUL character', `use at most ${maxLength} characters of text`);
    else return value;
    return undefined;
  };
  const integer = (name: string, flag: string, min: number, max: number): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const number = /^[+-]?\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
    if (!Number.isInteger(number) || number < min || number > max) {
      problems.add(flag, `'${value}' is no whole number from ${min} to ${max}`, `for example ${flag} ${Math.max(min, 4)}`);
      return undefined;
    }
    return number;
  };
  const date = (name: string, flag: string): string | undefined => {
    const value = text(name);
    if (value !== undefined && !isDate(value)) problems.add(flag, `'${value}' is no date`, `write it as YYYY-MM-DD, for example ${flag} 2025-10-01`);
    return value;
  };
  const from = date('from', '--from');
  const to = date('to', '--to');
  if (from !== undefined && to !== undefined && isDate(from) && isDate(to) && from > to) problems.add('--from', `${from} is after --to ${to}`, 'exchange the two');
  const infra = readInfraFlags(input, problems);
  const jobs = integer('jobs', '--jobs', 1, maxJobs);
  const jobsFile = nonEmpty('jobsFile', '--jobs-file');
  if (jobsFile !== undefined && text('jobs') !== undefined) problems.add('--jobs', 'and --jobs-file both say which jobs to run', 'leave one of them out');
  if (jobsFile !== undefined && text('question') !== undefined) problems.add('--question', 'does not go with --jobs-file, whose jobs have their own', 'leave one of them out');
  return {
    jobs,
    jobsFile,
    concurrency: integer('concurrency', '--concurrency', 1, 1_000),
    everyMs: integer('everyMs', '--every-ms', 0, 3_600_000) ?? 0,
    question: nonEmpty('question', '--question', maxQuestionLength),
    from,
    to,
    data: nonEmpty('data', '--data'),
    ...infra,
    llmLatencyMs: integer('llmLatencyMs', '--llm-latency-ms', 0, 600_000) ?? 20,
    llmTokensPerSecond: integer('llmTokensPerSecond', '--llm-tokens-per-second', 0, 1_000_000) ?? 5_000,
    reportingHosts: integer('reportingHosts', '--reporting-hosts', 1, 16) ?? 2,
    jobTimeoutMs: (integer('jobTimeoutS', '--job-timeout-s', 1, 86_400) ?? 120) * 1_000,
    seed: nonEmpty('seed', '--seed', maxSeedLength) ?? '1',
    out: nonEmpty('out', '--out'),
    control: options.control === true,
    fleet: readFleetChoice(options, problems),
    json: options.json === true,
    quiet: options.quiet === true,
  };
}

/** A calendar day that exists: 2025-02-30 does not. */
export function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}
