import type { Problems } from '../../core/problems.ts';
import { suggest } from '../../core/suggestion.ts';
import { reporters } from '../../reporters/index.ts';
import type { Reporter } from '../../reporters/reporter.ts';
import type { CommandInput } from '../command.ts';
import { readFleetChoice, type FleetChoice } from '../fleet-option.ts';
import { readInfraFlags, type InfraFlags } from '../infra-options.ts';

export interface ChaosOptions extends InfraFlags {
  /** Names and paths, as typed. */
  readonly wanted: readonly string[];
  readonly all: boolean;
  readonly tags: readonly string[];
  readonly repeat: number;
  readonly seed: string | undefined;
  readonly control: boolean;
  readonly parallel: number | undefined;
  readonly dryRun: boolean;
  readonly fleet: FleetChoice;
  readonly json: boolean;
  readonly quiet: boolean;
}

const maxSeedLength = 200;

/** Adds every problem to `problems`; what is returned is of use only where there is none. */
export function readChaosOptions(input: CommandInput, problems: Problems): ChaosOptions {
  const { options, positionals } = input;
  const wanted = positionals.filter((word) => !word.startsWith('-'));
  const all = options.all === true;
  const tags = readTags(options, problems);
  if (all && wanted.length > 0) problems.add('--all', 'does not go with names of scenarios', 'leave one of them out');
  if (!all && tags.length === 0 && wanted.length === 0) problems.add('chaos', 'needs a scenario', 'name one, such as `netra-resilience chaos redis-drop`, or use --all; `netra-resilience scenarios` lists them');
  const infra = readInfraFlags(input, problems);
  const seed = typeof options.seed === 'string' ? options.seed : undefined;
  if (seed !== undefined && (seed.trim() === '' || seed.includes('\0') || seed.length > maxSeedLength)) problems.add('--seed', 'is empty, too long, or no text', `use 1 to ${maxSeedLength} characters of text`);
  return {
    wanted,
    all,
    tags,
    repeat: readNumber('repeat', options, 1_000, problems) ?? 1,
    seed,
    control: options.control === true,
    parallel: readNumber('parallel', options, 64, problems),
    dryRun: options.dryRun === true,
    ...infra,
    fleet: readFleetChoice(options, problems),
    json: options.json === true,
    quiet: options.quiet === true,
  };
}

export function readTags(options: CommandInput['options'], problems: Problems): string[] {
  return readList('tag', options, 'name a tag; `netra-resilience scenarios` shows them', problems);
}

/** The reporters that `--reporter` names, each once. */
export function readReporters(options: CommandInput['options'], problems: Problems): Reporter[] {
  const known = reporters.map(({ name }) => name);
  const names = readList('reporter', options, `use ${known.join(', ')}`, problems);
  for (const name of names) {
    if (!known.includes(name)) problems.add('--reporter', `there is no reporter "${name}"`, suggest(name, known, `known: ${known.join(', ')}`));
  }
  return reporters.filter(({ name }) => names.includes(name));
}

function readList(name: string, options: CommandInput['options'], fix: string, problems: Problems): string[] {
  const value = options[name];
  if (typeof value !== 'string') return [];
  const list = value.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '');
  if (list.length === 0) problems.add(`--${name}`, 'is empty', fix);
  return list;
}

function readNumber(name: string, options: CommandInput['options'], max: number, problems: Problems): number | undefined {
  const value = options[name];
  if (typeof value !== 'string') return undefined;
  const number = /^\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
  if (number >= 1 && number <= max) return number;
  problems.add(`--${name}`, `'${value}' is no whole number from 1 to ${max}`, `for example --${name} 2`);
  return undefined;
}
