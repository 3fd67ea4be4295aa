import { z } from 'zod';
import { duration, formatDuration } from '../../scenario/duration.ts';

/**
 * A gateway's schema as scenario files write it: a member `retry_after_ms` is a member `retry_after` that takes a
 * duration. Limits are kept; defaults are left to the gateway, and stand in the metadata as examples do.
 */
export function withDurations(schema: z.ZodObject): z.ZodObject {
  return z.strictObject(
    Object.fromEntries(
      Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).map(([name, member]) => {
        const inner = bare(member);
        if (!isMilliseconds(name)) return [name, inner instanceof z.ZodObject ? again(withDurations(inner), member) : member];
        return [withoutUnit(name), again(duration.pipe(inner as z.ZodType<number, number>), member).meta(inWords(member))];
      }),
    ),
  );
}

/** What was written by that schema, as the gateway takes it. */
export function inMilliseconds(schema: z.ZodObject, written: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const members = Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).map(([name, member]): [string, unknown] => {
    const value = written[isMilliseconds(name) ? withoutUnit(name) : name];
    const inner = bare(member);
    return [name, inner instanceof z.ZodObject && value !== undefined ? inMilliseconds(inner, value as Record<string, unknown>) : value];
  });
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function isMilliseconds(name: string): boolean {
  return name.endsWith('_ms');
}

function withoutUnit(name: string): string {
  return name.slice(0, -'_ms'.length);
}

/** Without what makes it optional. */
function bare(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? bare(schema.unwrap() as z.ZodType) : schema;
}

/** Optional and described as `original` is. */
function again(schema: z.ZodType, original: z.ZodType): z.ZodType {
  const optional = original.safeParse(undefined).success ? schema.optional() : schema;
  const { description } = original;
  return description === undefined ? optional : optional.describe(description);
}

/** The default and the examples of a time in milliseconds, as scenario files write them. */
function inWords(original: z.ZodType): { default?: string; examples?: string[] } {
  const preset = original instanceof z.ZodDefault ? original.def.defaultValue : undefined;
  const examples = original.meta()?.examples;
  return {
    ...(typeof preset === 'number' ? { default: formatDuration(preset) } : {}),
    ...(Array.isArray(examples) ? { examples: examples.map((example) => formatDuration(Number(example))) } : {}),
  };
}
