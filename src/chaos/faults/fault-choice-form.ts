import { z } from 'zod';
import { duration } from '../scenario/duration.ts';
import type { FaultDefinition } from './fault.ts';

/** One parameter of a fault, as a form asks for it. Members of a map are parameters of their own: `trigger.first`. */
export interface ParameterField {
  readonly name: string;
  readonly kind: 'number' | 'duration' | 'text' | 'boolean' | 'choice';
  /** What the field holds at first, as it would be typed: the default, or an example where there must be a value and there is no default. */
  readonly default?: string;
  /** Of a choice: all that it can be. */
  readonly choices?: readonly string[];
  readonly description?: string;
  /** May be left empty. */
  readonly optional: boolean;
}

interface Leaf {
  readonly path: readonly string[];
  readonly schema: z.ZodType;
  /** Member of a map that may be left out. */
  readonly inside: boolean;
}

export function fieldsOf({ parameters }: Pick<FaultDefinition, 'parameters'>): ParameterField[] {
  return leavesOf(parameters, [], false).map(({ path, schema, inside }) => {
    const optional = inside || schema.safeParse(undefined).success;
    const start = inside ? undefined : startOf(schema, optional);
    const description = descriptionOf(schema);
    return { name: path.join('.'), ...kindOf(schema), ...(start === undefined ? {} : { default: start }), ...(description === undefined ? {} : { description }), optional };
  });
}

/** What was typed, as a scenario file would have it; fields left empty are absent. A name that is no field stands as it is. */
export function writtenParameters({ parameters }: Pick<FaultDefinition, 'parameters'>, texts: Readonly<Record<string, string>>): Record<string, unknown> {
  const leaves = new Map(leavesOf(parameters, [], false).map((leaf) => [leaf.path.join('.'), leaf]));
  const written: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    if (text.trim() === '') continue;
    const leaf = leaves.get(name);
    if (leaf === undefined) written[name] = text;
    else put(written, leaf.path, valueOf(text.trim(), leaf.schema));
  }
  return written;
}

function leavesOf(schema: z.ZodType, path: readonly string[], inside: boolean): Leaf[] {
  const inner = bare(schema);
  if (!(inner instanceof z.ZodObject)) return [{ path, schema, inside }];
  return Object.entries(inner.shape as Readonly<Record<string, z.ZodType>>).flatMap(([name, member]) => leavesOf(member, [...path, name], path.length > 0));
}

function kindOf(schema: z.ZodType): Pick<ParameterField, 'kind' | 'choices'> {
  const inner = bare(schema);
  if (inner === bare(duration)) return { kind: 'duration' };
  if (inner instanceof z.ZodNumber) return { kind: 'number' };
  if (inner instanceof z.ZodBoolean) return { kind: 'boolean' };
  if (inner instanceof z.ZodEnum) return { kind: 'choice', choices: inner.options.map(String) };
  if (inner instanceof z.ZodLiteral) return { kind: 'choice', choices: [...inner.values].map(String) };
  return { kind: 'text' };
}

function startOf(schema: z.ZodType, optional: boolean): string | undefined {
  const given = defaultOf(schema) ?? (optional ? undefined : examplesOf(schema)[0]);
  return given === undefined ? undefined : typeof given === 'string' ? given : JSON.stringify(given);
}

/** As it is written, before it is read. */
function defaultOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.defaultValue;
  return schema instanceof z.ZodOptional ? (schema.meta()?.default ?? defaultOf(schema.unwrap() as z.ZodType)) : undefined;
}

function examplesOf(schema: z.ZodType): readonly unknown[] {
  const examples = schema.meta()?.examples;
  return Array.isArray(examples) ? examples : [];
}

/** The outermost one. */
function descriptionOf(schema: z.ZodType): string | undefined {
  return schema.description ?? (isWrapper(schema) ? descriptionOf(schema.unwrap() as z.ZodType) : undefined);
}

/** Without what makes it optional, and what is made of it once it is read. */
function bare(schema: z.ZodType): z.ZodType {
  if (isWrapper(schema)) return bare(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? bare(schema.in as z.ZodType) : schema;
}

function isWrapper(schema: z.ZodType): schema is z.ZodOptional | z.ZodDefault | z.ZodPrefault {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
}

/** The first reading that the schema takes; where it takes none, its complaint is about what looks most like what was meant. */
function valueOf(text: string, schema: z.ZodType): unknown {
  const parts = text.split(',').map((part) => part.trim());
  const lists = parts.length > 1 ? [parts.map((part) => simpleValue(part) ?? part), parts] : [];
  const readings = [simpleValue(text), ...lists, text].filter((reading) => reading !== undefined);
  return readings.find((reading) => schema.safeParse(reading).success) ?? (kindOf(schema).kind === 'text' ? text : readings[0]);
}

function simpleValue(text: string): number | boolean | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isFinite(Number(text)) && text !== '' ? Number(text) : undefined;
}

function put(target: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const inner = (target[first] ??= {}) as Record<string, unknown>;
  put(inner, rest, value);
}
