import wasmoon from 'wasmoon-lua5.1';

/** What a Lua value is; `lua_type`'s numbers. */
export const LUA_TYPE = { nil: 0, boolean: 1, lightUserdata: 2, number: 3, string: 4, table: 5, function: 6, userdata: 7, thread: 8 } as const;
export const LUA_GLOBALS_INDEX = -10002;
const LUA_REGISTRY_INDEX = -10000;
const LUA_HOOK_COUNT = 8;
const SCRATCH_BYTES = 64 * 1024;
const POINTER_BYTES = 4;

/** A `lua_State*`: the main one, or a coroutine's. */
export type LuaState = number;
/** Reads its arguments from the stack, pushes results, gives their count; `RAISE` throws the top value in Lua. */
export type HostFunction = (state: LuaState) => number;
export const RAISE = -1;

/** What Emscripten offers beside the C functions. */
interface LuaModule {
  /** Replaced whenever the memory grows. */
  readonly HEAPU8: Uint8Array;
  addFunction(callback: (state: LuaState) => number, signature: string): number;
}

/** The compiled C API (lua.org/manual/5.1), called without the package's own string conversions, which are UTF-8. */
interface LuaApi {
  malloc(bytes: number): number;
  free(pointer: number): void;
  luaL_newstate(): LuaState;
  luaL_openlibs(state: LuaState): void;
  luaL_loadbuffer(state: LuaState, source: number, length: number, name: number): number;
  luaL_ref(state: LuaState, table: number): number;
  luaL_unref(state: LuaState, table: number, reference: number): void;
  luaL_where(state: LuaState, level: number): void;
  lua_checkstack(state: LuaState, slots: number): number;
  lua_concat(state: LuaState, count: number): void;
  lua_createtable(state: LuaState, arraySize: number, recordSize: number): void;
  lua_error(state: LuaState): number;
  lua_gettop(state: LuaState): number;
  lua_insert(state: LuaState, index: number): void;
  lua_next(state: LuaState, index: number): number;
  lua_pcall(state: LuaState, args: number, results: number, handler: number): number;
  lua_pushboolean(state: LuaState, value: number): void;
  lua_pushcclosure(state: LuaState, fn: number, upvalues: number): void;
  lua_pushlightuserdata(state: LuaState, pointer: number): void;
  lua_pushlstring(state: LuaState, bytes: number, length: number): void;
  lua_pushnil(state: LuaState): void;
  lua_pushnumber(state: LuaState, value: number): void;
  lua_pushvalue(state: LuaState, index: number): void;
  lua_rawget(state: LuaState, index: number): void;
  lua_rawgeti(state: LuaState, index: number, key: number): void;
  lua_rawset(state: LuaState, index: number): void;
  lua_rawseti(state: LuaState, index: number, key: number): void;
  lua_gettable(state: LuaState, index: number): void;
  lua_replace(state: LuaState, index: number): void;
  lua_sethook(state: LuaState, hook: number, mask: number, count: number): void;
  lua_settop(state: LuaState, index: number): void;
  lua_toboolean(state: LuaState, index: number): number;
  lua_tolstring(state: LuaState, index: number, length: number): number;
  lua_tonumber(state: LuaState, index: number): number;
  lua_touserdata(state: LuaState, index: number): number;
  lua_type(state: LuaState, index: number): number;
}

/** The virtual machine itself failed (out of its memory, a trap): it must not be used again. */
export class LuaMachineFailure extends Error {
  override readonly name = 'LuaMachineFailure';
}

/**
 * A Lua 5.1 machine, the language version of Redis's scripts, in WebAssembly. Strings cross as
 * bytes: one character a byte on this side. Lua's own errors travel by long jumps, which
 * Emscripten carries as thrown numbers: those must pass through every frame here untouched.
 */
export class LuaVm {
  readonly main: LuaState;
  readonly api: LuaApi;
  readonly #module: LuaModule;
  readonly #scratch: number;
  readonly #lengthPointer: number;
  #view: Buffer;

  static async create(): Promise<LuaVm> {
    const { module } = await wasmoon.LuaApi.initialize();
    return new LuaVm(module);
  }

  private constructor(module: LuaModule) {
    // Emscripten puts an underscore before the name of every exported C function.
    const exported = Object.entries(module).filter(([name]) => name.startsWith('_'));
    const api = Object.fromEntries(exported.map(([name, value]) => [name.slice(1), value as unknown])) as unknown as LuaApi;
    this.api = api;
    this.#module = module;
    this.#view = Buffer.from(module.HEAPU8.buffer);
    this.#scratch = api.malloc(SCRATCH_BYTES);
    this.#lengthPointer = api.malloc(POINTER_BYTES);
    this.main = api.luaL_newstate();
    api.luaL_openlibs(this.main);
  }

  get memoryBytes(): number {
    return this.#module.HEAPU8.length;
  }

  pushString(state: LuaState, text: string): void {
    if (text.length <= SCRATCH_BYTES) {
      this.#memory().write(text, this.#scratch, 'latin1');
      this.api.lua_pushlstring(state, this.#scratch, text.length);
      return;
    }
    const pointer = this.#allocate(text.length);
    try {
      this.#memory().write(text, pointer, 'latin1');
      this.api.lua_pushlstring(state, pointer, text.length);
    } finally {
      this.api.free(pointer);
    }
  }

  /** A string's bytes, or a number's text; the value must be one of both. A number's slot becomes a string. */
  readString(state: LuaState, index: number): string {
    const pointer = this.api.lua_tolstring(state, index, this.#lengthPointer);
    const memory = this.#memory();
    const length = memory.readUInt32LE(this.#lengthPointer);
    return memory.toString('latin1', pointer, pointer + length);
  }

  /** Sets a field of the table at `index`, bypassing metatables, to the value on top, which is popped. */
  rawSetField(state: LuaState, index: number, name: string): void {
    this.pushString(state, name);
    this.api.lua_insert(state, -2);
    this.api.lua_rawset(state, index < 0 && index > LUA_REGISTRY_INDEX ? index - 1 : index);
  }

  /** Pushes a field of the table at `index`, bypassing metatables. */
  rawGetField(state: LuaState, index: number, name: string): void {
    this.pushString(state, name);
    this.api.lua_rawget(state, index < 0 && index > LUA_REGISTRY_INDEX ? index - 1 : index);
  }

  pop(state: LuaState, count = 1): void {
    this.api.lua_settop(state, -count - 1);
  }

  /** Compiles a chunk and pushes it; the compiler's message where it cannot, with nothing pushed. */
  load(state: LuaState, source: string, name: string): string | undefined {
    const pointer = this.#allocate(source.length + name.length + 1);
    try {
      const memory = this.#memory();
      memory.write(source, pointer, 'latin1');
      memory.write(`${name}\0`, pointer + source.length, 'latin1');
      if (this.api.luaL_loadbuffer(state, pointer, source.length, pointer + source.length) === 0) return undefined;
    } finally {
      this.api.free(pointer);
    }
    const message = this.readString(state, -1);
    this.pop(state);
    return message;
  }

  /** Calls in protected mode; false leaves the error value on top. Throws LuaMachineFailure. */
  call(state: LuaState, args: number, results: number, handlerIndex: number): boolean {
    try {
      return this.api.lua_pcall(state, args, results, handlerIndex) === 0;
    } catch (error) {
      throw new LuaMachineFailure('The Lua machine failed while it ran a script', { cause: error });
    }
  }

  pushFunction(state: LuaState, host: HostFunction): void {
    const pointer = this.#module.addFunction((caller) => {
      let results: number;
      try {
        results = host(caller);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        this.pushString(caller, `ERR internal error of the embedded server in a script: ${error.message}`);
        results = RAISE;
      }
      // Outside of the try block, since raising is a jump.
      return results === RAISE ? this.api.lua_error(caller) : results;
    }, 'ii');
    this.api.lua_pushcclosure(state, pointer, 0);
  }

  /** Pushes `message` with the place of the calling script line before it, for RAISE. */
  pushErrorAt(state: LuaState, message: string): typeof RAISE {
    this.api.luaL_where(state, 1);
    this.pushString(state, message);
    this.api.lua_concat(state, 2);
    return RAISE;
  }

  /** Calls `check` every `count` instructions; a text that it gives is raised as an error. */
  installWatch(check: () => string | undefined, count: number): void {
    const hook = this.#module.addFunction((caller) => {
      const message = check();
      if (message === undefined) return 0;
      // From here on at every instruction, so that no protected call can go on past it.
      this.api.lua_sethook(caller, hook, LUA_HOOK_COUNT, 1);
      this.api.lua_sethook(this.main, hook, LUA_HOOK_COUNT, 1);
      this.api.lua_createtable(caller, 0, 1);
      this.pushString(caller, message);
      this.rawSetField(caller, -2, 'err');
      return this.api.lua_error(caller);
    }, 'vii');
    this.rearmWatch = () => this.api.lua_sethook(this.main, hook, LUA_HOOK_COUNT, count);
    this.rearmWatch();
  }

  /** Back to the usual interval after a script was stopped. */
  rearmWatch: () => void = () => undefined;

  /** Keeps the value on top, which is popped, under the number given back. */
  keep(): number {
    return this.api.luaL_ref(this.main, LUA_REGISTRY_INDEX);
  }

  pushKept(state: LuaState, reference: number): void {
    this.api.lua_rawgeti(state, LUA_REGISTRY_INDEX, reference);
  }

  release(reference: number): void {
    this.api.luaL_unref(this.main, LUA_REGISTRY_INDEX, reference);
  }

  #allocate(bytes: number): number {
    const pointer = this.api.malloc(bytes);
    if (pointer === 0) throw new LuaMachineFailure(`The Lua machine has no room for ${bytes} bytes`);
    return pointer;
  }

  /** The machine's memory; growing it replaces the buffer. */
  #memory(): Buffer {
    if (this.#view.buffer !== this.#module.HEAPU8.buffer) this.#view = Buffer.from(this.#module.HEAPU8.buffer);
    return this.#view;
  }
}
