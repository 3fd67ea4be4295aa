import { Problems } from '../../core/problems.ts';
import { validateYaml, type YamlInput, type YamlPath } from '../../core/yaml-input.ts';
import type { FaultDefinition } from './fault.ts';

export interface ReadParameters {
  /** With defaults filled in; empty where there are problems. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** By parameter (`trigger.first`): which one it is, what is wrong with it and how to mend it. */
  readonly problems: Readonly<Record<string, string>>;
}

/** Parameters as a scenario file would have them, read by the fault's own schema. */
export function readFaultParameters({ parameters: schema }: FaultDefinition, written: Readonly<Record<string, unknown>>): ReadParameters {
  const problems = new Problems();
  const input: YamlInput = { file: '', value: written, where: nameOf, whereKey: (path, key) => nameOf([...path, key]) };
  const read = validateYaml<Record<string, unknown>>(input, schema, problems);
  if (read !== undefined) return { parameters: read, problems: {} };
  return { parameters: {}, problems: Object.fromEntries(problems.list.map(({ where, what, fix }) => [where, `${what}; ${fix}`])) };
}

function nameOf(path: YamlPath): string {
  return path.join('.');
}
