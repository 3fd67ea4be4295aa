import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import type { Problems } from './problems.ts';
import { suggest } from './suggestion.ts';

export type YamlPath = readonly (string | number)[];

/** A YAML file as its author sees it: values, and the place of each. */
export interface YamlInput {
  readonly file: string;
  readonly value: unknown;
  /** `file:line:column` of the value at `path`, or of the nearest thing around it that is there. */
  where(path: YamlPath): string;
  /** `file:line:column` of a key of the map at `path`. */
  whereKey(path: YamlPath, key: string): string;
}

/** Reads one YAML 1.2 document; undefined, with every syntax error in `problems`, where it is none. */
export function parseYamlInput(text: string, file: string, problems: Problems): YamlInput | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    for (const error of document.errors) problems.add(at(error.pos[0]), `is not YAML: ${error.message}`, 'mend the syntax there');
    return undefined;
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    problems.add(`${file}:1:1`, `cannot be understood: ${(error as Error).message}`, 'define each anchor once, before it is used');
    return undefined;
  }
  const where = (path: YamlPath): string => at(offsetOf(document, path));
  return {
    file,
    value,
    where,
    whereKey: (path, key) => {
      const map = document.getIn(path, true);
      const pair = isMap(map) ? map.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key) : undefined;
      return isScalar(pair?.key) && pair.key.range ? at(pair.key.range[0]) : where(path);
    },
  };
}

function offsetOf(document: Document, path: YamlPath): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Checks the whole against a schema; undefined, with every problem and its place, where it does not fit. */
export function validateYaml<T>(input: YamlInput, schema: z.ZodType<T>, problems: Problems): T | undefined {
  const result = schema.safeParse(input.value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, path);
      for (const key of issue.keys) problems.add(input.whereKey(path, key), `"${key}" means nothing here`, suggest(key, known, `known: ${known.join(', ')}`));
      continue;
    }
    const name = path.length === 0 ? 'the file' : `"${path.join('.')}"`;
    const { what, fix } = explain(issue, valueAt(input.value, path));
    problems.add(input.where(path), `${name} ${what}`, fix);
  }
  return undefined;
}

const kinds: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', object: 'a map', record: 'a map', array: 'a list' };

function explain(issue: z.core.$ZodIssue, value: unknown): { what: string; fix: string } {
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    return { what: `cannot be ${JSON.stringify(value)}`, fix: suggest(String(value), allowed, `write one of ${allowed.join(', ')}`) };
  }
  if (issue.code === 'invalid_type' && !(value !== undefined && issue.message.includes('; '))) {
    const wanted = kinds[issue.expected] ?? issue.expected;
    return value === undefined ? { what: 'is missing', fix: `add it: ${wanted}` } : { what: `cannot be ${JSON.stringify(value)}`, fix: `write ${wanted}` };
  }
  // A schema's own message may say how to mend it: `is no duration; write 4s`.
  const [what, fix] = issue.message.split('; ', 2);
  if (fix !== undefined) return { what: what as string, fix };
  return { what: `is not right: ${lowerFirst(issue.message)}`, fix: 'mend it' };
}

function valueAt(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[key] : undefined), value);
}

/** The keys that the schema allows for the object at `path`. */
function knownKeys(schema: z.core.$ZodType, path: YamlPath): string[] {
  let inner = unwrap(schema);
  for (const key of path) {
    if (inner instanceof z.ZodObject) inner = unwrap(inner.shape[key] as z.core.$ZodType);
    else if (inner instanceof z.ZodRecord) inner = unwrap(inner.valueType);
    else if (inner instanceof z.ZodArray) inner = unwrap(inner.element);
    else return [];
  }
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodNullable) return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.out) : schema;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
