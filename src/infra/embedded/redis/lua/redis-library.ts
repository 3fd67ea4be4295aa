import { createHash } from 'node:crypto';
import { cString } from '../error-texts.ts';
import { formatGeneral } from '../numbers/float.ts';
import { ErrorReply, type Reply } from '../protocol/reply.ts';
import { pushReply, pushSingleField } from './conversion.ts';
import type { Library } from './libraries.ts';
import { LUA_TYPE, RAISE, type HostFunction, type LuaState, type LuaVm } from './vm.ts';

/** Numbers of redis.LOG_* and redis.REPL_*. */
export const REDIS_CONSTANTS: Readonly<Record<string, number>> = {
  LOG_DEBUG: 0,
  LOG_VERBOSE: 1,
  LOG_NOTICE: 2,
  LOG_WARNING: 3,
  REPL_NONE: 0,
  REPL_AOF: 1,
  REPL_SLAVE: 2,
  REPL_REPLICA: 2,
  REPL_ALL: 3,
};
const MAX_LOG_LEVEL = 3;

export function sha1Hex(text: string): string {
  return createHash('sha1').update(text, 'latin1').digest('hex');
}

/** `redis.*`; `run` is what redis.call and redis.pcall do with a command. */
export function redisLibrary(vm: LuaVm, run: (request: readonly string[]) => Reply): Library {
  const raise = (state: LuaState, text: string): typeof RAISE => {
    pushSingleField(vm, state, 'err', text);
    return RAISE;
  };
  const calling = (raises: boolean): HostFunction => (state) => {
    const request = readRequest(vm, state);
    const reply = typeof request === 'string' ? ErrorReply.of(request) : run(request);
    vm.api.lua_settop(state, 0);
    pushReply(vm, state, reply);
    return reply instanceof ErrorReply && raises ? RAISE : 1;
  };
  return {
    call: calling(true),
    pcall: calling(false),
    error_reply: singleField(vm, 'err', errorText),
    status_reply: singleField(vm, 'ok', (text) => text),
    sha1hex: (state) => {
      if (vm.api.lua_gettop(state) !== 1) return raise(state, 'ERR wrong number of arguments');
      vm.pushString(state, sha1Hex(isText(vm, state, 1) ? vm.readString(state, 1) : ''));
      return 1;
    },
    // There is no log to write to: arguments are checked, and the message dropped.
    log: (state) => {
      if (vm.api.lua_gettop(state) < 2) return raise(state, 'ERR redis.log() requires two arguments or more.');
      if (vm.api.lua_type(state, 1) !== LUA_TYPE.number) return raise(state, 'ERR First argument must be a number (log level).');
      const level = vm.api.lua_tonumber(state, 1);
      return level < 0 || level > MAX_LOG_LEVEL ? raise(state, 'ERR Invalid debug level.') : 0;
    },
    setresp: (state) => {
      if (vm.api.lua_gettop(state) !== 1) return raise(state, 'ERR redis.setresp() requires one argument.');
      const version = vm.api.lua_tonumber(state, 1);
      if (version === 3) return raise(state, 'ERR the embedded server speaks RESP2 only, in scripts too.');
      return version === 2 ? 0 : raise(state, 'ERR RESP version must be 2 or 3.');
    },
    // Without replicas and an append-only file, what is replicated has no meaning.
    set_repl: (state) => {
      if (vm.api.lua_gettop(state) !== 1) return raise(state, 'ERR redis.set_repl() requires one argument.');
      const flags = vm.api.lua_tonumber(state, 1);
      const known = Number.isInteger(flags) && flags >= 0 && flags <= (REDIS_CONSTANTS['REPL_ALL'] as number);
      return known ? 0 : raise(state, 'ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.');
    },
    replicate_commands: (state) => {
      vm.api.lua_pushboolean(state, 1);
      return 1;
    },
    breakpoint: (state) => {
      vm.api.lua_pushboolean(state, 0);
      return 1;
    },
    debug: () => 0,
  };
}

/** The arguments of redis.call; a text says what is wrong with them. */
function readRequest(vm: LuaVm, state: LuaState): string[] | string {
  const count = vm.api.lua_gettop(state);
  if (count === 0) return 'ERR Please specify at least one argument for this redis lib call';
  const request: string[] = [];
  for (let index = 1; index <= count; index++) {
    const type = vm.api.lua_type(state, index);
    if (type === LUA_TYPE.string) request.push(vm.readString(state, index));
    else if (type === LUA_TYPE.number) request.push(formatGeneral(vm.api.lua_tonumber(state, index), 17));
    else return 'ERR Lua redis lib command arguments must be strings or integers';
  }
  return request;
}

function isText(vm: LuaVm, state: LuaState, index: number): boolean {
  const type = vm.api.lua_type(state, index);
  return type === LUA_TYPE.string || type === LUA_TYPE.number;
}

/** redis.error_reply and redis.status_reply: a wrong argument is answered with an error, not raised. */
function singleField(vm: LuaVm, name: string, textOf: (text: string) => string): HostFunction {
  return (state) => {
    if (vm.api.lua_gettop(state) !== 1 || vm.api.lua_type(state, 1) !== LUA_TYPE.string) {
      pushSingleField(vm, state, 'err', 'ERR wrong number or type of arguments');
      return 1;
    }
    pushSingleField(vm, state, name, textOf(cString(vm.readString(state, 1))));
    return 1;
  };
}

/** Line ends at either side go; a leading `-` is the protocol's own; a single word gets the code `ERR`. */
function errorText(given: string): string {
  const text = (given.startsWith('-') ? given.slice(1) : given).replace(/^[\r\n]+|[\r\n]+$/g, '');
  return text.includes(' ') ? text : `ERR ${text}`;
}
