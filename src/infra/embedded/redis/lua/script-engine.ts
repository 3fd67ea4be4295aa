import { systemClock } from '../../../../core/clock.ts';
import { cString, NO_SCRIPT } from '../error-texts.ts';
import { contextOf, findCommand, hasRightArity, runCommand } from '../executor.ts';
import { ErrorReply, type Reply } from '../protocol/reply.ts';
import type { CommandContext } from '../commands/command.ts';
import { REDIS_VERSION, type ServerState } from '../server-state.ts';
import { Session, type SessionTransport } from '../session.ts';
import { readReply, textField } from './conversion.ts';
import { defaultJsonSettings } from './json-encoder.ts';
import { bitLibrary, jsonLibrary, type Library } from './libraries.ts';
import { REDIS_CONSTANTS, redisLibrary, sha1Hex } from './redis-library.ts';
import { SANDBOX_SOURCE } from './sandbox.ts';
import { LUA_GLOBALS_INDEX, LUA_TYPE, LuaMachineFailure, LuaVm } from './vm.ts';
import { readShebang } from './shebang.ts';

const SCRIPT_NAME = '@user_script';
/** Instructions between two looks at clock and memory: microseconds, unless they call into the library. */
const WATCH_INSTRUCTIONS = 1000;
/** A script that needs more is stopped; a machine that grew beyond this is replaced, since its memory never shrinks. */
const MAX_MACHINE_BYTES = 256 * 1024 * 1024;

const SILENT: SessionTransport = {
  remoteAddress: '',
  localAddress: '',
  send: () => undefined,
  resume: () => undefined,
  end: () => undefined,
  destroy: () => undefined,
};

/** A machine made ready: what scripts find in it, and the scripts compiled so far. */
interface Machine {
  readonly vm: LuaVm;
  /** References to the table behind the globals and to the error handler. */
  readonly globals: number;
  readonly onError: number;
  readonly compiled: Map<string, number>;
}

interface Script {
  readonly body: string;
  /** Declared by `#!lua flags=no-writes`. */
  readonly noWrites: boolean;
}

/**
 * EVAL and its kin. Scripts run to their end before anything else does; one that exceeds
 * `busy-reply-threshold` is stopped with an error, since nobody could reach the server to stop it
 * (the reference server waits for SCRIPT KILL then). What it wrote until then stays written.
 * A single call into Lua's own library (a pattern that backtracks) cannot be stopped in the middle.
 */
export interface ScriptEngine {
  /** Compiles and keeps a script; its SHA-1. Throws ErrorReply. */
  load(body: string): string;
  has(sha: string): boolean;
  flush(): void;
  readonly size: number;
  /** Runs a kept script; throws ErrorReply, `NOSCRIPT` where there is none. */
  run(context: CommandContext, sha: string, keys: readonly string[], args: readonly string[], readOnly: boolean): Reply;
}

export async function createScriptEngine(server: ServerState): Promise<ScriptEngine> {
  const engine = new Engine(server);
  await engine.start();
  return engine;
}

class Engine implements ScriptEngine {
  readonly #server: ServerState;
  readonly #session: Session;
  readonly #context: CommandContext;
  readonly #scripts = new Map<string, Script>();
  #machine: Machine | undefined;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #readOnly = false;

  constructor(server: ServerState) {
    this.#server = server;
    this.#session = new Session(0, SILENT, server.databases[0] as (typeof server.databases)[number], server.time.nowMs);
    this.#session.mayBlock = false;
    this.#context = contextOf(server, this.#session);
  }

  async start(): Promise<void> {
    this.#machine = this.#prepare(await LuaVm.create());
  }

  get size(): number {
    return this.#scripts.size;
  }

  has(sha: string): boolean {
    return this.#scripts.has(sha);
  }

  load(body: string): string {
    const sha = sha1Hex(body);
    if (this.#scripts.has(sha)) return sha;
    const { code, noWrites } = readShebang(body);
    this.#compile(this.#ready(), sha, code);
    this.#scripts.set(sha, { body: code, noWrites });
    return sha;
  }

  flush(): void {
    const { vm, compiled } = this.#ready();
    for (const reference of compiled.values()) vm.release(reference);
    compiled.clear();
    this.#scripts.clear();
  }

  run(context: CommandContext, sha: string, keys: readonly string[], args: readonly string[], readOnly: boolean): Reply {
    const script = this.#scripts.get(sha);
    if (script === undefined) throw new ErrorReply(NO_SCRIPT);
    const machine = this.#ready();
    const { vm } = machine;
    const limitMs = this.#server.configuration.scriptTimeLimitMs;
    // The limit guards the process, so it goes by real time whatever clock the keys expire by.
    this.#deadlineMs = limitMs === 0 ? Number.POSITIVE_INFINITY : systemClock.monotonicMs() + limitMs;
    this.#readOnly = readOnly || script.noWrites;
    this.#session.database = context.database;
    try {
      vm.api.lua_settop(vm.main, 0);
      vm.pushKept(vm.main, machine.onError);
      vm.pushKept(vm.main, machine.compiled.get(sha) ?? this.#compile(machine, sha, script.body));
      vm.pushKept(vm.main, machine.globals);
      this.#setList(vm, 'KEYS', keys);
      this.#setList(vm, 'ARGV', args);
      vm.pop(vm.main);
      const ok = vm.call(vm.main, 0, 1, 1);
      return ok ? readReply(vm, vm.main) : this.#failure(vm, sha);
    } catch (error) {
      if (!(error instanceof LuaMachineFailure)) throw error;
      this.#replace();
      return ErrorReply.of(`ERR ${error.message}: ${error.cause instanceof Error ? error.cause.message : 'no reason given'} script: ${sha}`);
    } finally {
      this.#tidy(vm);
    }
  }

  #tidy(vm: LuaVm): void {
    if (this.#machine?.vm !== vm) return;
    vm.rearmWatch();
    vm.api.lua_settop(vm.main, 0);
    if (vm.memoryBytes > MAX_MACHINE_BYTES) this.#replace();
  }

  #ready(): Machine {
    if (this.#machine === undefined) throw new ErrorReply('ERR the script engine is being restarted after a failure; try again in a moment');
    return this.#machine;
  }

  /** Puts a new machine in place of one that failed or grew too large; kept scripts are compiled again as they are called. */
  #replace(): void {
    this.#machine = undefined;
    // Without a new machine, scripts go on being refused with the sentence above.
    this.start().catch(() => undefined);
  }

  #setList(vm: LuaVm, name: string, items: readonly string[]): void {
    vm.api.lua_createtable(vm.main, items.length, 0);
    let index = 0;
    for (const item of items) {
      vm.pushString(vm.main, item);
      vm.api.lua_rawseti(vm.main, -2, ++index);
    }
    vm.rawSetField(vm.main, -2, name);
  }

  #compile({ vm, compiled }: Machine, sha: string, code: string): number {
    const problem = vm.load(vm.main, code, SCRIPT_NAME);
    if (problem !== undefined) throw new ErrorReply(`ERR Error compiling script (new function): ${problem}`);
    const reference = vm.keep();
    compiled.set(sha, reference);
    return reference;
  }

  /** The error on top as the reply that names the script and the line. */
  #failure(vm: LuaVm, sha: string): ErrorReply {
    const { api, main } = vm;
    if (api.lua_type(main, -1) !== LUA_TYPE.table) {
      return ErrorReply.of(`ERR ${api.lua_type(main, -1) === LUA_TYPE.string ? vm.readString(main, -1) : 'unknown error'} script: ${sha}`);
    }
    const text = cString(textField(vm, main, 'err') ?? 'ERR unknown error');
    const source = textField(vm, main, 'source');
    if (source === undefined) return ErrorReply.of(text);
    vm.rawGetField(main, -1, 'line');
    const line = api.lua_tonumber(main, -1);
    return ErrorReply.of(`${text} script: ${sha}, on ${source}:${line}.`);
  }

  /** What redis.call does with a command. */
  readonly #call = (request: readonly string[]): Reply => {
    const found = findCommand(this.#server.commands, request);
    if (found === undefined) return ErrorReply.of('ERR Unknown Redis command called from script');
    const { spec, args } = found;
    if (!hasRightArity(spec, request)) return ErrorReply.of('ERR Wrong number of args calling Redis command from script');
    if (spec.flags.includes('noscript')) return ErrorReply.of('ERR This Redis command is not allowed from script');
    if (this.#readOnly && spec.flags.includes('write')) return ErrorReply.of('ERR Write commands are not allowed from read-only scripts.');
    return runCommand(this.#context, spec, args);
  };

  #prepare(vm: LuaVm): Machine {
    const { api, main } = vm;
    const problem = vm.load(main, SANDBOX_SOURCE, '=sandbox');
    if (problem !== undefined) throw new LuaMachineFailure(problem);
    api.lua_createtable(main, 0, 3);
    pushLibrary(vm, redisLibrary(vm, this.#call));
    for (const [name, value] of Object.entries(REDIS_CONSTANTS)) {
      api.lua_pushnumber(main, value);
      vm.rawSetField(main, -2, name);
    }
    vm.pushString(main, REDIS_VERSION);
    vm.rawSetField(main, -2, 'REDIS_VERSION');
    api.lua_pushnumber(main, REDIS_VERSION.split('.').reduce((sum, part) => sum * 256 + Number(part), 0));
    vm.rawSetField(main, -2, 'REDIS_VERSION_NUM');
    vm.rawSetField(main, -2, 'redis');
    pushLibrary(vm, bitLibrary(vm));
    vm.rawSetField(main, -2, 'bit');
    pushLibrary(vm, jsonLibrary(vm, defaultJsonSettings()));
    api.lua_pushlightuserdata(main, 0);
    vm.rawSetField(main, -2, 'null');
    for (const [name, text] of [['_NAME', 'cjson'], ['_VERSION', '2.1.0']] as const) {
      vm.pushString(main, text);
      vm.rawSetField(main, -2, name);
    }
    vm.rawSetField(main, -2, 'cjson');
    if (!vm.call(main, 1, 3, 0)) throw new LuaMachineFailure(`The sandbox for scripts could not be set up: ${vm.readString(main, -1)}`);
    const onError = vm.keep();
    const globals = vm.keep();
    // From here on every chunk that is loaded, by a script too, sees the sandbox only.
    api.lua_replace(main, LUA_GLOBALS_INDEX);
    vm.installWatch(() => this.#overstepped(vm), WATCH_INSTRUCTIONS);
    return { vm, globals, onError, compiled: new Map() };
  }

  /** Why a running script has to be stopped, if it has to. */
  #overstepped(vm: LuaVm): string | undefined {
    if (systemClock.monotonicMs() > this.#deadlineMs) {
      return `ERR Script killed: it ran longer than busy-reply-threshold (${this.#server.configuration.scriptTimeLimitMs} ms).`;
    }
    return vm.memoryBytes > MAX_MACHINE_BYTES ? `ERR Script killed: it took more than ${MAX_MACHINE_BYTES} bytes of memory.` : undefined;
  }
}

function pushLibrary(vm: LuaVm, library: Library): void {
  vm.api.lua_createtable(vm.main, 0, 16);
  for (const [name, host] of Object.entries(library)) {
    vm.pushFunction(vm.main, host);
    vm.rawSetField(vm.main, -2, name);
  }
}
