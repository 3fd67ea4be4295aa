import type { Rng } from '../../../../core/rng.ts';
import { isObject, type JsonSchema } from '../chat-request.ts';

interface FillContext {
  readonly rng: Rng;
  /** Text for a string that the schema does not pin down. */
  sentence(): string;
}

/** Below this depth optional members and array items are left out, so that recursive schemas end. */
const MAX_OPTIONAL_DEPTH = 4;

/**
 * A value that validates against `schema`: const, enum, anyOf/oneOf/allOf, local $ref, types and lists of
 * types, required and optional members, lengths, bounds, multipleOf, item counts, common formats.
 */
export function fillSchema(schema: JsonSchema, context: FillContext): unknown {
  return fill(schema, context, schema, 0);
}

function fill(schema: unknown, context: FillContext, root: JsonSchema, depth: number): unknown {
  if (!isObject(schema)) return context.sentence();
  if (typeof schema['$ref'] === 'string') return fill(resolveReference(schema['$ref'], root), context, root, depth);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum']) && schema['enum'].length > 0) return context.rng.pick(schema['enum'] as unknown[]);
  if (Array.isArray(schema['allOf'])) return fill(mergeAll(schema, root), context, root, depth);
  for (const keyword of ['anyOf', 'oneOf']) {
    const options = schema[keyword];
    if (Array.isArray(options) && options.length > 0) return fill({ ...schema, [keyword]: undefined, ...(pickOption(options, depth) as object) }, context, root, depth);
  }
  const types = Array.isArray(schema['type']) ? (schema['type'] as unknown[]) : [schema['type']];
  const type = types.find((name) => name !== 'null') ?? types[0];
  switch (type) {
    case 'string':
      return fillString(schema, context);
    case 'integer':
    case 'number':
      return fillNumber(schema, type === 'integer');
    case 'boolean':
      return context.rng.next() < 0.5;
    case 'null':
      return null;
    case 'array':
      return fillArray(schema, context, root, depth);
    case 'object':
      return fillObject(schema, context, root, depth);
    default:
      return isObject(schema['properties']) ? fillObject(schema, context, root, depth) : 'items' in schema ? fillArray(schema, context, root, depth) : fillString(schema, context);
  }
}

function fillObject(schema: Record<string, unknown>, context: FillContext, root: JsonSchema, depth: number): object {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as string[]) : []);
  const names = new Set([...Object.keys(properties), ...required]);
  const members = [...names].filter((name) => required.has(name) || depth < MAX_OPTIONAL_DEPTH);
  return Object.fromEntries(
    members.map((name) => [name, fill(properties[name] ?? {}, { ...context, rng: context.rng.fork(name) }, root, depth + 1)]),
  );
}

function fillArray(schema: Record<string, unknown>, context: FillContext, root: JsonSchema, depth: number): unknown[] {
  const least = count(schema['minItems'], 0);
  const most = count(schema['maxItems'], Math.max(least, 3));
  const prefix = Array.isArray(schema['prefixItems']) ? (schema['prefixItems'] as unknown[]) : [];
  const wanted = depth >= MAX_OPTIONAL_DEPTH ? least : Math.min(most, Math.max(least, prefix.length, context.rng.integer(1, 3)));
  const items: unknown[] = [];
  const seen = new Set<string>();
  // With uniqueItems a few more draws than items; a set too small for them ends the list early.
  for (let draw = 0; items.length < wanted && draw < wanted + 50; draw++) {
    const item = fill(prefix[items.length] ?? schema['items'] ?? { type: 'string' }, { ...context, rng: context.rng.fork(`#${draw}`) }, root, depth + 1);
    const key = JSON.stringify(item);
    if (schema['uniqueItems'] === true && seen.has(key)) continue;
    seen.add(key);
    items.push(item);
  }
  return items;
}

const formats: ReadonlyMap<unknown, string> = new Map([
  ['date', '2000-01-01'],
  ['time', '00:00:00Z'],
  ['date-time', '2000-01-01T00:00:00Z'],
  ['duration', 'PT0S'],
  ['email', 'nobody@example.invalid'],
  ['hostname', 'example.invalid'],
  ['ipv4', '127.0.0.1'],
  ['ipv6', '::1'],
  ['uuid', '00000000-0000-4000-8000-000000000000'],
  ['uri', 'https://example.invalid/'],
]);

function fillString(schema: Record<string, unknown>, context: FillContext): string {
  const format = formats.get(schema['format']);
  if (format !== undefined) return format;
  const least = count(schema['minLength'], 0);
  const most = count(schema['maxLength'], Number.MAX_SAFE_INTEGER);
  let text = context.sentence();
  while (text.length < least) text += ` ${context.sentence()}`;
  return text.length > most ? text.slice(0, most) : text;
}

/** Zero or else the bound nearest to it: a number made up here must not be taken for a finding. */
function fillNumber(schema: Record<string, unknown>, whole: boolean): number {
  const keyword = (name: string): number | undefined => (typeof schema[name] === 'number' ? schema[name] : undefined);
  const multiple = keyword('multipleOf');
  const step = multiple !== undefined && multiple > 0 ? multiple : whole ? 1 : undefined;
  const low = Math.max(keyword('minimum') ?? -Infinity, keyword('exclusiveMinimum') ?? -Infinity);
  const high = Math.min(keyword('maximum') ?? Infinity, keyword('exclusiveMaximum') ?? Infinity);
  const fits = (value: number): boolean =>
    value >= low && value <= high && value !== keyword('exclusiveMinimum') && value !== keyword('exclusiveMaximum');
  const bounds = [low, high].filter((value) => Number.isFinite(value));
  const candidates = [0, ...bounds, (low + high) / 2, ...bounds.flatMap((value) => [value + (step ?? 1), value - (step ?? 1)])];
  const onSteps = step === undefined ? candidates : candidates.flatMap((value) => [Math.ceil(value / step) * step, Math.floor(value / step) * step]);
  return onSteps.find(fits) ?? 0;
}

function count(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : otherwise;
}

/** Deep down, an option that ends (null, a scalar) before one that goes deeper. */
function pickOption(options: readonly unknown[], depth: number): unknown {
  const shallow = options.find((option) => isObject(option) && option['type'] !== 'object' && option['type'] !== 'array' && !('$ref' in option));
  return depth >= MAX_OPTIONAL_DEPTH && shallow !== undefined ? shallow : options[0];
}

function mergeAll(schema: Record<string, unknown>, root: JsonSchema): Record<string, unknown> {
  const { allOf, ...own } = schema;
  let merged: Record<string, unknown> = own;
  for (const part of allOf as unknown[]) {
    const member = isObject(part) && typeof part['$ref'] === 'string' ? resolveReference(part['$ref'], root) : part;
    if (!isObject(member)) continue;
    merged = {
      ...merged,
      ...member,
      properties: { ...(merged['properties'] as object | undefined), ...(member['properties'] as object | undefined) },
      required: [...((merged['required'] as string[] | undefined) ?? []), ...((member['required'] as string[] | undefined) ?? [])],
    };
  }
  return merged;
}

/** `#`, `#/$defs/node`: JSON Pointer (RFC 6901) into the schema itself. */
function resolveReference(reference: string, root: JsonSchema): unknown {
  let target: unknown = root;
  for (const step of reference.split('/').slice(1)) {
    target = isObject(target) ? target[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return target;
}
