import { badRequestBody } from '../error-codes.ts';
import { GoJsonError, parseGoJson, type GoJson } from './go-json.ts';

/** Go types of fields, by the names that Go's error texts use. */
export type GoType = 'string' | 'bool' | 'int' | 'int64' | 'float32';

type Decoded<Type extends GoType> = Type extends 'string' ? string : Type extends 'bool' ? boolean : number;

export interface GoStruct<Fields extends Readonly<Record<string, GoType>>> {
  readonly fields: Fields;
  /** As in "cannot unmarshal array into Go value of type …". */
  readonly typeName: string;
  /** As in "… into Go struct field ….name of type string". */
  readonly fieldPrefix: string;
}

export type DecodedStruct<Fields extends Readonly<Record<string, GoType>>> = { readonly [Name in keyof Fields]?: Decoded<Fields[Name]> };

const INT64_LIMIT = 2n ** 63n;
const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;

/** The first JSON value of a request body; throws the API's 400 with Go's words. */
export function parseBody(body: Buffer): GoJson {
  try {
    return parseGoJson(body.toString('utf8'));
  } catch (error) {
    throw error instanceof GoJsonError ? badRequestBody(error.message) : error;
  }
}

/**
 * Takes the known members of an object, letter case ignored; unknown ones and nulls change nothing.
 * Throws the API's 400, naming the first member of a wrong type.
 */
export function decodeStruct<const Fields extends Readonly<Record<string, GoType>>>(value: GoJson, shape: GoStruct<Fields>): DecodedStruct<Fields> {
  const decoded: Record<string, string | number | boolean> = {};
  if (value.kind !== 'object' && value.kind !== 'null') throw mismatch(value, `Go value of type ${shape.typeName}`);
  for (const [name, member] of value.kind === 'object' ? value.members : []) {
    const field = findField(shape.fields, name);
    if (field === undefined || member.kind === 'null') continue;
    const type = shape.fields[field] as GoType;
    const scalar = decodeScalar(member, type);
    if (scalar === undefined) throw mismatch(member, `Go struct field ${shape.fieldPrefix}.${field} of type ${type}`, type);
    decoded[field] = scalar;
  }
  return decoded as DecodedStruct<Fields>;
}

/** The last object among the members named `name`; undefined when there is none or it is null. */
export function memberObject(value: GoJson, name: string, fieldText: string): GoJson | undefined {
  if (value.kind !== 'object') return undefined;
  const member = value.members.findLast(([candidate]) => candidate.toLowerCase() === name)?.[1];
  if (member === undefined || member.kind === 'null') return undefined;
  if (member.kind !== 'object') throw mismatch(member, `Go struct field ${fieldText}`);
  return member;
}

/** "cannot unmarshal X into Y", as the API's 400. Go shows a number's spelling only to numeric types. */
export function mismatch(value: GoJson, target: string, type?: GoType): Error {
  const shown = value.kind === 'number' && type !== undefined && type !== 'string' && type !== 'bool' ? `number ${value.literal}` : value.kind;
  return badRequestBody(`json: cannot unmarshal ${shown} into ${target}`);
}

function findField(fields: Readonly<Record<string, GoType>>, name: string): string | undefined {
  return Object.hasOwn(fields, name) ? name : Object.keys(fields).find((field) => field.toLowerCase() === name.toLowerCase());
}

function decodeScalar(value: GoJson, type: GoType): string | number | boolean | undefined {
  if (type === 'string') return value.kind === 'string' ? value.value : undefined;
  if (type === 'bool') return value.kind === 'bool' ? value.value : undefined;
  if (value.kind !== 'number') return undefined;
  return type === 'float32' ? decodeFloat32(value.literal) : decodeInteger(value.literal);
}

function decodeInteger(literal: string): number | undefined {
  if (!/^-?\d+$/.test(literal)) return undefined;
  const exact = BigInt(literal);
  return exact >= INT64_LIMIT || exact < -INT64_LIMIT ? undefined : Number(exact);
}

/** The shortest decimal that is the same float32, which is how Go prints it back. */
function decodeFloat32(literal: string): number | undefined {
  const exact = Number(literal);
  const rounded = Math.fround(exact);
  if (Math.abs(rounded) > FLOAT32_MAX) return undefined;
  for (let digits = 1; digits <= 9; digits++) {
    const shortest = Number(rounded.toPrecision(digits));
    if (Math.fround(shortest) === rounded) return shortest;
  }
  return rounded;
}
