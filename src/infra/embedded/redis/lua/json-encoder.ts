import { formatGeneral } from '../numbers/float.ts';
import { LUA_TYPE, type LuaState, type LuaVm } from './vm.ts';

/** What cjson's setters change; for the whole machine, as in the reference server. */
export interface JsonSettings {
  /** Whether an array with many holes becomes an object instead of an error. */
  convertSparse: boolean;
  /** An array is sparse when its length is more than this many times its elements… */
  sparseRatio: number;
  /** …and more than this. */
  sparseSafe: number;
  encodeMaxDepth: number;
  decodeMaxDepth: number;
  numberPrecision: number;
}

export function defaultJsonSettings(): JsonSettings {
  return { convertSparse: false, sparseRatio: 2, sparseSafe: 10, encodeMaxDepth: 1000, decodeMaxDepth: 1000, numberPrecision: 14 };
}

/** A value that has no JSON, with cjson's words. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

const TYPE_NAMES = ['nil', 'boolean', 'lightuserdata', 'number', 'string', 'table', 'function', 'userdata', 'thread'];
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '/': '\\/', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r' };

/** JSON of the value on top, which is left there; throws JsonError. Bytes above 0x7f pass as they are. */
export function encodeJson(vm: LuaVm, state: LuaState, settings: JsonSettings, depth = 0): string {
  const { api } = vm;
  const type = api.lua_type(state, -1);
  switch (type) {
    case LUA_TYPE.string:
      return quote(vm.readString(state, -1));
    case LUA_TYPE.number:
      return encodeNumber(api.lua_tonumber(state, -1), settings);
    case LUA_TYPE.boolean:
      return api.lua_toboolean(state, -1) === 0 ? 'false' : 'true';
    case LUA_TYPE.nil:
      return 'null';
    case LUA_TYPE.table:
      return encodeTable(vm, state, settings, depth + 1);
    case LUA_TYPE.lightUserdata:
      if (api.lua_touserdata(state, -1) === 0) return 'null';
      break;
    default:
  }
  throw new JsonError(`Cannot serialise ${type === LUA_TYPE.lightUserdata ? 'userdata' : (TYPE_NAMES[type] as string)}: type not supported`);
}

function encodeTable(vm: LuaVm, state: LuaState, settings: JsonSettings, depth: number): string {
  if (depth > settings.encodeMaxDepth || vm.api.lua_checkstack(state, 4) === 0) {
    throw new JsonError(`Cannot serialise, excessive nesting (${depth})`);
  }
  const length = arrayLength(vm, state, settings);
  return length > 0 ? encodeArray(vm, state, settings, depth, length) : encodeObject(vm, state, settings, depth);
}

/** The largest key of a table whose keys are all positive integers; 0 for any other table, and for an empty one. */
function arrayLength(vm: LuaVm, state: LuaState, settings: JsonSettings): number {
  const { api } = vm;
  let largest = 0;
  let items = 0;
  api.lua_pushnil(state);
  while (api.lua_next(state, -2) !== 0) {
    const key = api.lua_type(state, -2) === LUA_TYPE.number ? api.lua_tonumber(state, -2) : 0;
    if (!(key >= 1) || !Number.isInteger(key)) {
      vm.pop(state, 2);
      return 0;
    }
    largest = Math.max(largest, key);
    items++;
    vm.pop(state);
  }
  if (settings.sparseRatio > 0 && largest > items * settings.sparseRatio && largest > settings.sparseSafe) {
    if (!settings.convertSparse) throw new JsonError('Cannot serialise table: excessively sparse array');
    return 0;
  }
  return largest;
}

function encodeArray(vm: LuaVm, state: LuaState, settings: JsonSettings, depth: number, length: number): string {
  let encoded = '[';
  for (let index = 1; index <= length; index++) {
    vm.api.lua_rawgeti(state, -1, index);
    encoded += (index > 1 ? ',' : '') + encodeJson(vm, state, settings, depth);
    vm.pop(state);
  }
  return `${encoded}]`;
}

function encodeObject(vm: LuaVm, state: LuaState, settings: JsonSettings, depth: number): string {
  const { api } = vm;
  let encoded = '{';
  api.lua_pushnil(state);
  while (api.lua_next(state, -2) !== 0) {
    if (encoded.length > 1) encoded += ',';
    const keyType = api.lua_type(state, -2);
    if (keyType === LUA_TYPE.number) encoded += `"${encodeNumber(api.lua_tonumber(state, -2), settings)}":`;
    else if (keyType === LUA_TYPE.string) encoded += `${quote(vm.readString(state, -2))}:`;
    else throw new JsonError(`Cannot serialise ${TYPE_NAMES[keyType] as string}: table key must be a number or string`);
    encoded += encodeJson(vm, state, settings, depth);
    vm.pop(state);
  }
  return `${encoded}}`;
}

function encodeNumber(value: number, settings: JsonSettings): string {
  if (!Number.isFinite(value)) throw new JsonError('Cannot serialise number: must not be NaN or Inf');
  return formatGeneral(value, settings.numberPrecision);
}

function quote(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what has to be escaped
  const escaped = text.replace(/[\x00-\x1f"\\/\x7f]/g, (character) => {
    return SHORT_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
