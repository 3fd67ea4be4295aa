import type { Problems } from '../../core/problems.ts';
import { suggest } from '../../core/suggestion.ts';
import { parseYamlInput, validateYaml, type YamlInput, type YamlPath } from '../../core/yaml-input.ts';
import type { z } from 'zod';
import { expectations } from '../checks/expectations/index.ts';
import { faults, findFault } from '../faults/index.ts';
import { faultEntrySchema, ownParameters, type FaultEntry } from './fault-entry.ts';
import { lintScenario } from './lint-scenario.ts';
import type { Length, PlannedExpectation, PlannedFault, Scenario, Start } from './scenario.ts';
import { expectationEntrySchema, scenarioFile, type ScenarioFile } from './scenario-schema.ts';

const concurrencyMax = 8;

/**
 * Reads a scenario. Undefined, with everything that is wrong in `problems` (place and suggestion each), where it
 * cannot be run; nothing is started or written. `path` is as shown to the user.
 */
export function loadScenario(path: string, text: string, problems: Problems): Scenario | undefined {
  const before = problems.list.length;
  const input = parseYamlInput(text, path, problems);
  if (input === undefined) return undefined;
  const file = validateYaml(input, scenarioFile, problems);
  const planned = entriesOf(input, 'faults').map(({ entry, index }) => planFault(entry, index, problems));
  const expected = entriesOf(input, 'expect').map(({ entry }) => planExpectation(entry, problems));
  // Where the file as a whole does not fit its schema, its parts have been looked at all the same.
  if (file === undefined) return undefined;
  const scenario = assemble(file, path, text, planned.filter((fault) => fault !== undefined), expected.filter((expectation) => expectation !== undefined));
  lintScenario(scenario, input, problems);
  return problems.list.length > before ? undefined : scenario;
}

function assemble(file: ScenarioFile, path: string, text: string, planned: readonly PlannedFault[], expected: readonly PlannedExpectation[]): Scenario {
  const { workload } = file;
  const { arrival } = workload;
  return {
    name: file.name,
    description: file.description,
    tags: file.tags,
    seed: file.seed,
    source: { path, text },
    workload: {
      jobs: workload.jobs,
      ...(workload.question === undefined ? {} : { question: workload.question }),
      concurrency: workload.concurrency ?? Math.min(workload.jobs, concurrencyMax),
      arrival: arrival === 'together' ? { kind: 'together' } : { kind: 'every', everyMs: arrival.every },
      jobTimeoutMs: workload.job_timeout,
    },
    fleet: { reportingHosts: file.fleet.reporting_hosts, environment: file.fleet.environment },
    infra: { llmLatencyMs: file.infra.llm_latency, llmTokensPerSecond: file.infra.llm_tokens_per_second, allowHosts: file.infra.allow_hosts },
    steadyState: { withinMs: file.steady_state.within },
    faults: planned,
    expectations: expected,
    guardrails: file.guardrails.map(({ level, lasts }) => ({ kind: 'level', atLeast: level, lastsMs: lasts })),
    timeLimitMs: file.time_limit,
    waivers: file.waive,
  };
}

/** The maps of a list as files of their own, whose places are those in the whole. */
function entriesOf(input: YamlInput, key: string): { entry: YamlInput; index: number }[] {
  const list = (input.value as Record<string, unknown> | null)?.[key];
  if (!Array.isArray(list)) return [];
  return list.map((value: unknown, index) => {
    const inside = (path: YamlPath): YamlPath => [key, index, ...path];
    return { index, entry: { file: input.file, value, where: (path) => input.where(inside(path)), whereKey: (path, name) => input.whereKey(inside(path), name) } };
  });
}

function planFault(entry: YamlInput, index: number, problems: Problems): PlannedFault | undefined {
  const type = named(entry, 'type', 'a fault', faults.map((fault) => fault.type), problems);
  const fault = type === undefined ? undefined : findFault(type);
  if (fault === undefined) return undefined;
  const read = validateYaml(entry, faultEntrySchema(fault) as unknown as z.ZodType<FaultEntry & Record<string, unknown>>, problems);
  if (read === undefined) return undefined;
  if (read.at !== undefined && read.after !== undefined) problems.add(entry.whereKey([], 'after'), 'the fault has both "at" and "after"', 'leave one of them out');
  if (read.for !== undefined && read.until !== undefined) problems.add(entry.whereKey([], 'until'), 'the fault has both "for" and "until"', 'leave one of them out');
  const target = read.target ?? '';
  return {
    id: [type, target, String(index + 1)].filter((part) => part !== '').join('-'),
    type: fault.type,
    target,
    parameters: ownParameters(read),
    start: fault.precedesFleet === true ? { kind: 'before-fleet' } : startOf(read),
    length: lengthOf(read),
    ...(read.repeat === undefined ? {} : { repeat: { times: read.repeat.times, everyMs: read.repeat.every } }),
    probability: read.probability,
  };
}

function startOf({ at, after }: FaultEntry): Start {
  return after === undefined ? { kind: 'at', atMs: at ?? 0 } : { kind: 'after', ...after };
}

function lengthOf({ for: forMs, until }: FaultEntry): Length {
  if (forMs !== undefined) return { kind: 'for', forMs };
  return until === undefined ? { kind: 'rest' } : { kind: 'until', ...until };
}

function planExpectation(entry: YamlInput, problems: Problems): PlannedExpectation | undefined {
  const name = named(entry, 'check', 'an expectation', expectations.map((expectation) => expectation.name), problems);
  const expectation = expectations.find((candidate) => candidate.name === name);
  if (expectation === undefined) return undefined;
  const read = validateYaml(entry, expectationEntrySchema(expectation), problems);
  if (read === undefined) return undefined;
  const { check: _check, ...parameters } = read;
  return { check: expectation.name, parameters };
}

/** The registered name that an entry begins with; undefined, with the problem told, where there is none. */
function named(entry: YamlInput, key: string, what: string, known: readonly string[], problems: Problems): string | undefined {
  const { value } = entry;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(entry.where([]), `${what} cannot be ${JSON.stringify(value)}`, `write a map that begins with "${key}:"`);
    return undefined;
  }
  const name = (value as Record<string, unknown>)[key];
  if (name === undefined) problems.add(entry.where([]), `${what} has no "${key}"`, `add it: one of ${known.join(', ')}`);
  else if (typeof name !== 'string' || !known.includes(name)) {
    const shown = typeof name === 'string' ? name : JSON.stringify(name);
    problems.add(entry.where([key]), `there is no ${what.replace(/^an? /, '')} "${shown}"`, suggest(shown, known, `known: ${known.join(', ')}`));
  } else return name;
  return undefined;
}
