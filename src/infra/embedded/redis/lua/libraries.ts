import { decodeJson } from './json-decoder.ts';
import { encodeJson, JsonError, type JsonSettings } from './json-encoder.ts';
import { LUA_TYPE, RAISE, type HostFunction, type LuaState, type LuaVm } from './vm.ts';

export type Library = Readonly<Record<string, HostFunction>>;

function argumentCount(vm: LuaVm, state: LuaState): number {
  return vm.api.lua_gettop(state);
}

/** A number argument, or undefined after `pushErrorAt`'s message was pushed. */
function numberArgument(vm: LuaVm, state: LuaState, index: number, name: string): number | undefined {
  const type = vm.api.lua_type(state, index);
  if (type === LUA_TYPE.number || (type === LUA_TYPE.string && vm.readString(state, index).trim() !== '')) {
    const value = vm.api.lua_tonumber(state, index);
    if (type === LUA_TYPE.number || value !== 0 || Number(vm.readString(state, index)) === 0) return value;
  }
  const got = ['no value', 'nil', 'boolean', 'userdata', 'number', 'string', 'table', 'function', 'userdata', 'thread'][type + 1] ?? 'value';
  vm.pushErrorAt(state, `bad argument #${index} to '${name}' (number expected, got ${got})`);
  return undefined;
}

const float64 = new Float64Array(1);
const float64Words = new Int32Array(float64.buffer);
const LOW_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;

/** LuaBitOp's conversion: adding 2^52 + 2^51 leaves the integer part, rounded, in the low bits of the mantissa. */
function toBits(value: number): number {
  float64[0] = value + 6_755_399_441_055_744;
  return float64Words[LOW_WORD] as number;
}

function rotate(value: number, by: number): number {
  return (value << (by & 31)) | (value >>> ((32 - by) & 31));
}

/** LuaBitOp: numbers are taken modulo 2^32 and given back as signed 32-bit integers. */
export function bitLibrary(vm: LuaVm): Library {
  const define = (name: string, argumentsWanted: number, compute: (...values: number[]) => number): HostFunction => {
    return (state) => {
      const count = argumentsWanted === 0 ? Math.max(1, argumentCount(vm, state)) : argumentsWanted;
      const values: number[] = [];
      for (let index = 1; index <= count; index++) {
        const value = numberArgument(vm, state, index, name);
        if (value === undefined) return RAISE;
        values.push(toBits(value));
      }
      vm.api.lua_pushnumber(state, compute(...values));
      return 1;
    };
  };
  return {
    tobit: define('tobit', 1, (value = 0) => value),
    bnot: define('bnot', 1, (value = 0) => ~value),
    band: define('band', 0, (...values) => values.reduce((left, right) => left & right)),
    bor: define('bor', 0, (...values) => values.reduce((left, right) => left | right)),
    bxor: define('bxor', 0, (...values) => values.reduce((left, right) => left ^ right)),
    lshift: define('lshift', 2, (value = 0, by = 0) => value << (by & 31)),
    rshift: define('rshift', 2, (value = 0, by = 0) => (value >>> (by & 31)) | 0),
    arshift: define('arshift', 2, (value = 0, by = 0) => value >> (by & 31)),
    rol: define('rol', 2, (value = 0, by = 0) => rotate(value, by)),
    ror: define('ror', 2, (value = 0, by = 0) => rotate(value, 32 - (by & 31))),
    bswap: define('bswap', 1, (value = 0) => {
      return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
    }),
    tohex: (state) => {
      const value = numberArgument(vm, state, 1, 'tohex');
      if (value === undefined) return RAISE;
      const digits = argumentCount(vm, state) > 1 ? numberArgument(vm, state, 2, 'tohex') : 8;
      if (digits === undefined) return RAISE;
      const width = Math.min(8, Math.abs(Math.trunc(digits)));
      const hex = (toBits(value) >>> 0).toString(16).padStart(8, '0').slice(8 - width);
      vm.pushString(state, digits < 0 ? hex.toUpperCase() : hex);
      return 1;
    },
  };
}

/** lua-cjson's functions; its constants are added by the caller. */
export function jsonLibrary(vm: LuaVm, settings: JsonSettings): Library {
  const guarded = (state: LuaState, run: () => void): number => {
    try {
      run();
      return 1;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      return vm.pushErrorAt(state, error.message);
    }
  };
  const setting = (name: keyof Omit<JsonSettings, 'convertSparse'>, functionName: string, max: number): HostFunction => (state) => {
    if (argumentCount(vm, state) > 0) {
      const value = numberArgument(vm, state, 1, functionName);
      if (value === undefined) return RAISE;
      if (value < 1 || value > max) return vm.pushErrorAt(state, `bad argument #1 to '${functionName}' (expected integer between 1 and ${max})`);
      settings[name] = Math.trunc(value);
    }
    vm.api.lua_pushnumber(state, settings[name]);
    return 1;
  };
  return {
    encode: (state) => {
      if (argumentCount(vm, state) !== 1) return vm.pushErrorAt(state, "bad argument #1 to 'encode' (expected 1 argument)");
      return guarded(state, () => vm.pushString(state, encodeJson(vm, state, settings)));
    },
    decode: (state) => {
      if (argumentCount(vm, state) !== 1) return vm.pushErrorAt(state, "bad argument #1 to 'decode' (expected 1 argument)");
      const type = vm.api.lua_type(state, 1);
      if (type !== LUA_TYPE.string && type !== LUA_TYPE.number) {
        const got = ['nil', 'boolean', 'userdata', 'number', 'string', 'table', 'function', 'userdata', 'thread'][type] ?? 'value';
        return vm.pushErrorAt(state, `bad argument #1 to 'decode' (string expected, got ${got})`);
      }
      return guarded(state, () => decodeJson(vm, state, vm.readString(state, 1), settings));
    },
    encode_max_depth: setting('encodeMaxDepth', 'encode_max_depth', 2 ** 31 - 1),
    decode_max_depth: setting('decodeMaxDepth', 'decode_max_depth', 2 ** 31 - 1),
    encode_number_precision: setting('numberPrecision', 'encode_number_precision', 14),
    encode_sparse_array: (state) => {
      const count = argumentCount(vm, state);
      if (count > 0) settings.convertSparse = vm.api.lua_toboolean(state, 1) !== 0;
      if (count > 1) settings.sparseRatio = Math.max(0, Math.trunc(vm.api.lua_tonumber(state, 2)));
      if (count > 2) settings.sparseSafe = Math.max(0, Math.trunc(vm.api.lua_tonumber(state, 3)));
      vm.api.lua_pushboolean(state, settings.convertSparse ? 1 : 0);
      vm.api.lua_pushnumber(state, settings.sparseRatio);
      vm.api.lua_pushnumber(state, settings.sparseSafe);
      return 3;
    },
  };
}
