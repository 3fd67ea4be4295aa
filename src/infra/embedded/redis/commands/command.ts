import type { Database } from '../database.ts';
import type { Reply } from '../protocol/reply.ts';
import type { ServerState } from '../server-state.ts';
import type { Session } from '../session.ts';

/** Names as COMMAND gives them; only those that mean something here. */
export type CommandFlag = 'write' | 'readonly' | 'admin' | 'noscript' | 'blocking' | 'pubsub';

/** What a command works on. */
export interface CommandContext {
  readonly server: ServerState;
  readonly session: Session;
  readonly database: Database;
  /** The instant the command sees; the same for a whole transaction or script. */
  readonly nowMs: number;
}

/**
 * Arguments without the command's name (and its subcommand's). The type promises more than there
 * may be: the arity, checked before, says how many are really there.
 */
export type Arguments = readonly [string, string, string, string, ...string[]];
export type RunCommand = (context: CommandContext, args: Arguments) => Reply;

export interface CommandSpec {
  /** Lower case; a subcommand's with its container: `client|setname`. */
  readonly name: string;
  /** As Redis counts: the name (and the subcommand's) included; a negative one is a minimum. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  /** Positions of the first and last key and the step; negative positions count from the end. */
  readonly keys: readonly [number, number, number];
  /** Where the number of keys stands, for commands whose keys follow such a number. */
  readonly numKeysAt?: number;
  readonly run: RunCommand;
  /** Of a container (CLIENT, CONFIG…); `run` is then what it does without one. */
  readonly subcommands?: ReadonlyMap<string, CommandSpec>;
}

export const NO_KEYS = [0, 0, 0] as const;
export const ONE_KEY = [1, 1, 1] as const;
export const TWO_KEYS = [1, 2, 1] as const;
export const ALL_KEYS = [1, -1, 1] as const;
export const KEY_VALUE_PAIRS = [1, -1, 2] as const;
/** BLPOP and its kin: the last argument is the time to wait. */
export const KEYS_THEN_TIMEOUT = [1, -2, 1] as const;

const READ: readonly CommandFlag[] = ['readonly'];
const WRITE: readonly CommandFlag[] = ['write'];
const BLOCKING: readonly CommandFlag[] = ['write', 'noscript', 'blocking'];

export function readCommand(name: string, arity: number, keys: CommandSpec['keys'], run: RunCommand): CommandSpec {
  return { name, arity, flags: READ, keys, run };
}

export function writeCommand(name: string, arity: number, keys: CommandSpec['keys'], run: RunCommand): CommandSpec {
  return { name, arity, flags: WRITE, keys, run };
}

export function blockingCommand(name: string, arity: number, keys: CommandSpec['keys'], run: RunCommand): CommandSpec {
  return { name, arity, flags: BLOCKING, keys, run };
}

export function plainCommand(name: string, arity: number, flags: readonly CommandFlag[], run: RunCommand): CommandSpec {
  return { name, arity, flags, keys: NO_KEYS, run };
}

/** A command that only exists with a subcommand: its arity refuses it alone, so that `run` is never reached. */
export function container(name: string, subcommands: readonly CommandSpec[]): CommandSpec {
  const bySubname = new Map(subcommands.map((spec) => [spec.name.slice(name.length + 1), spec]));
  return { name, arity: -2, flags: [], keys: NO_KEYS, run: () => null, subcommands: bySubname };
}
