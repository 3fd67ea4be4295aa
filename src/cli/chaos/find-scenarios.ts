import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadScenario } from '../../chaos/scenario/load-scenario.ts';
import type { Scenario } from '../../chaos/scenario/scenario.ts';
import { asError } from '../../core/errors.ts';
import type { Problems } from '../../core/problems.ts';
import { suggest } from '../../core/suggestion.ts';

const bundledFolder = fileURLToPath(new URL('../../../scenarios', import.meta.url));
const maxBytes = 2 ** 20;

export interface ScenarioFile {
  /** The file's name without its ending: by this it is asked for. */
  readonly name: string;
  readonly path: string;
  /** Relative to the current folder where it is inside. */
  readonly shown: string;
}

/** The scenarios that have names: those of `./scenarios`, and those that come with the program; of two with one name, the former. */
export async function knownScenarios(cwd: string, bundled = bundledFolder): Promise<ScenarioFile[]> {
  const own = await filesIn(join(cwd, 'scenarios'), cwd);
  const names = new Set(own.map(({ name }) => name));
  const others = (await filesIn(bundled, cwd)).filter(({ name }) => !names.has(name));
  return [...own, ...others].toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** Names, files and folders, as typed; what leads nowhere is a problem. Each file once, in the order of the words. */
export async function findScenarios(wanted: readonly string[], cwd: string, problems: Problems): Promise<ScenarioFile[]> {
  const known = await knownScenarios(cwd);
  const found = new Map<string, ScenarioFile>();
  for (const word of wanted) {
    const named = known.find(({ name }) => name === word);
    for (const file of named === undefined ? await filesAt(word, known, cwd, problems) : [named]) found.set(file.path, file);
  }
  return [...found.values()];
}

/** Reads each; those that cannot be run are left out, with all that is wrong with them in `problems`. */
export async function readScenarios(files: readonly ScenarioFile[], problems: Problems): Promise<Scenario[]> {
  const scenarios: Scenario[] = [];
  for (const { path, shown } of files) {
    const text = await readText(path, shown, problems);
    const scenario = text === undefined ? undefined : loadScenario(shown, text, problems);
    if (scenario !== undefined) scenarios.push(scenario);
  }
  return scenarios;
}

/** Those with one of the tags, or all where none is given; a tag that none has is a problem. */
export function withTags(scenarios: readonly Scenario[], tags: readonly string[], problems: Problems): Scenario[] {
  const known = [...new Set(scenarios.flatMap((scenario) => scenario.tags))].toSorted();
  for (const tag of tags) {
    if (!known.includes(tag)) problems.add('--tag', `no scenario has the tag "${tag}"`, suggest(tag, known, `tags: ${known.join(', ') || 'none'}`));
  }
  return tags.length === 0 ? [...scenarios] : scenarios.filter((scenario) => scenario.tags.some((tag) => tags.includes(tag)));
}

async function filesAt(word: string, known: readonly ScenarioFile[], cwd: string, problems: Problems): Promise<ScenarioFile[]> {
  const path = resolve(cwd, word);
  const kind = await stat(path).catch(() => undefined);
  if (kind?.isDirectory() === true) {
    const files = await filesIn(path, cwd);
    if (files.length === 0) problems.add(word, 'holds no scenario', 'name a folder with *.yaml files');
    return files;
  }
  if (kind !== undefined) return [toFile(path, cwd)];
  const looksLikePath = /[/\\]|\.ya?ml$/.test(word);
  problems.add(word, looksLikePath ? 'there is no such file' : 'there is no such scenario', suggest(word, known.map(({ name }) => name), '`netra-resilience scenarios` lists them'));
  return [];
}

async function filesIn(folder: string, cwd: string): Promise<ScenarioFile[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name));
    return names.toSorted().map((name) => toFile(join(folder, name), cwd));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function toFile(path: string, cwd: string): ScenarioFile {
  const inside = relative(cwd, path);
  return { name: basename(path).replace(/\.ya?ml$/, ''), path, shown: inside.startsWith('..') || isAbsolute(inside) ? path : inside };
}

async function readText(path: string, shown: string, problems: Problems): Promise<string | undefined> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > maxBytes) problems.add(shown, `is larger than ${maxBytes / 2 ** 20} MB`, 'name a scenario');
    else return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is no text in UTF-8' : code === 'EACCES' ? 'may not be read' : asError(error).message;
    problems.add(shown, what, 'name a scenario: a YAML file');
  }
  return undefined;
}
