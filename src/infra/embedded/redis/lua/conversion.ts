import { cString } from '../error-texts.ts';
import { formatDouble } from '../numbers/float.ts';
import { truncateToInteger } from '../numbers/integer.ts';
import { ErrorReply, NULL_ARRAY, ReplySequence, Status, type Reply } from '../protocol/reply.ts';
import { LUA_TYPE, type LuaState, type LuaVm } from './vm.ts';

/** Nesting beyond which a value is refused; a table can contain itself. */
const MAX_DEPTH = 1000;
const STACK_SLOTS = 4;

/**
 * Pushes a reply as a script sees it (redis.io/docs/manual/programmability/lua-api, "Data type
 * conversion"): status and error are tables with `ok` or `err`, null is false.
 */
export function pushReply(vm: LuaVm, state: LuaState, reply: Reply): void {
  const { api } = vm;
  if (typeof reply === 'string') {
    vm.pushString(state, reply);
  } else if (typeof reply === 'number' || typeof reply === 'bigint') {
    api.lua_pushnumber(state, Number(reply));
  } else if (reply === null || reply === NULL_ARRAY || reply instanceof ReplySequence) {
    api.lua_pushboolean(state, 0);
  } else if (reply instanceof Status || reply instanceof ErrorReply) {
    pushSingleField(vm, state, reply instanceof Status ? 'ok' : 'err', reply instanceof Status ? reply.text : reply.message);
  } else {
    api.lua_checkstack(state, STACK_SLOTS);
    api.lua_createtable(state, reply.length, 0);
    let index = 0;
    for (const element of reply) {
      pushReply(vm, state, element);
      api.lua_rawseti(state, -2, ++index);
    }
  }
}

export function pushSingleField(vm: LuaVm, state: LuaState, name: string, text: string): void {
  vm.api.lua_createtable(state, 0, 1);
  vm.pushString(state, text);
  vm.rawSetField(state, -2, name);
}

/** What a script gives back, as a reply; the value on top is left there. */
export function readReply(vm: LuaVm, state: LuaState, depth = 0): Reply {
  const { api } = vm;
  switch (api.lua_type(state, -1)) {
    case LUA_TYPE.string:
      return vm.readString(state, -1);
    case LUA_TYPE.number:
      return truncateToInteger(api.lua_tonumber(state, -1));
    case LUA_TYPE.boolean:
      return api.lua_toboolean(state, -1) === 0 ? null : 1;
    case LUA_TYPE.table:
      if (depth >= MAX_DEPTH || api.lua_checkstack(state, STACK_SLOTS) === 0) return ErrorReply.of('ERR reached lua stack limit');
      return readTable(vm, state, depth);
    default:
      return null;
  }
}

function readTable(vm: LuaVm, state: LuaState, depth: number): Reply {
  const { api } = vm;
  const error = textField(vm, state, 'err');
  if (error !== undefined) return ErrorReply.of(cString(error));
  const status = textField(vm, state, 'ok');
  if (status !== undefined) return new Status(cString(status));
  const special = readTyped(vm, state, depth);
  if (special !== undefined) return special;
  const elements: Reply[] = [];
  for (let index = 1; ; index++) {
    api.lua_pushnumber(state, index);
    api.lua_rawget(state, -2);
    if (api.lua_type(state, -1) === LUA_TYPE.nil) {
      vm.pop(state);
      return elements;
    }
    elements.push(readReply(vm, state, depth + 1));
    vm.pop(state);
  }
}

/** Tables by which a script names a RESP3 type: what RESP2 makes of each. */
function readTyped(vm: LuaVm, state: LuaState, depth: number): Reply | undefined {
  const { api } = vm;
  const number = field(vm, state, 'double', LUA_TYPE.number, () => formatDouble(api.lua_tonumber(state, -1)));
  if (number !== undefined) return number;
  for (const [name, withValues] of [['map', true], ['set', false]] as const) {
    const pairs = field(vm, state, name, LUA_TYPE.table, () => readPairs(vm, state, depth, withValues));
    if (pairs !== undefined) return pairs;
  }
  const bigNumber = field(vm, state, 'big_number', LUA_TYPE.string, () => vm.readString(state, -1).replace(/[\r\n]/g, ' '));
  if (bigNumber !== undefined) return bigNumber;
  return field(vm, state, 'verbatim_string', LUA_TYPE.table, () => textField(vm, state, 'string'));
}

function readPairs(vm: LuaVm, state: LuaState, depth: number, withValues: boolean): Reply[] {
  const { api } = vm;
  const elements: Reply[] = [];
  api.lua_pushnil(state);
  while (api.lua_next(state, -2) !== 0) {
    // A copy: reading a number as text would change the key that the iteration goes by.
    api.lua_pushvalue(state, -2);
    elements.push(readReply(vm, state, depth + 1));
    vm.pop(state);
    if (withValues) elements.push(readReply(vm, state, depth + 1));
    vm.pop(state);
  }
  return elements;
}

export function textField(vm: LuaVm, state: LuaState, name: string): string | undefined {
  return field(vm, state, name, LUA_TYPE.string, () => vm.readString(state, -1));
}

/** What `read` makes of a field of the table on top while that field is on top; undefined where it has another type. */
function field<T>(vm: LuaVm, state: LuaState, name: string, type: number, read: () => T): T | undefined {
  vm.rawGetField(state, -1, name);
  const value = vm.api.lua_type(state, -1) === type ? read() : undefined;
  vm.pop(state);
  return value;
}
