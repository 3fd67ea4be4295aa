import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../error-texts.ts';
import { ErrorReply, NULL_ARRAY, OK, Status, type Reply } from '../protocol/reply.ts';
import { findCommand, hasRightArity } from '../executor.ts';
import { indexArgument } from './arguments.ts';
import { plainCommand, NO_KEYS, type CommandContext, type CommandSpec } from './command.ts';

function checkFlushMode(args: readonly string[]): void {
  const mode = args[0]?.toLowerCase();
  if (args.length > 1 || (mode !== undefined && mode !== 'sync' && mode !== 'async')) throw new ErrorReply(SYNTAX_ERROR);
}

function describe(spec: CommandSpec): Reply {
  const subcommands = spec.subcommands === undefined ? [] : [...spec.subcommands.values()].map(describe);
  const flags = spec.numKeysAt === undefined ? spec.flags : [...spec.flags, 'movablekeys'];
  return [spec.name, spec.arity, flags.map((flag) => new Status(flag)), ...spec.keys, [], [], [], subcommands];
}

/** Keys of a request by the command's key positions. */
function keysOf({ server }: CommandContext, request: readonly string[]): Reply {
  const found = findCommand(server.commands, request);
  if (found === undefined) throw new ErrorReply('ERR Invalid command specified');
  const { keys, numKeysAt } = found.spec;
  const [first, last, step] = keys;
  if (first === 0 && numKeysAt === undefined) throw new ErrorReply('ERR The command has no key arguments');
  if (!hasRightArity(found.spec, request)) throw new ErrorReply('ERR Invalid number of arguments specified for command');
  if (numKeysAt !== undefined) return request.slice(numKeysAt + 1, numKeysAt + 1 + indexArgument(request[numKeysAt] as string));
  const end = last < 0 ? request.length + last : last;
  return request.filter((_, at) => at >= first && at <= end && (at - first) % step === 0);
}

/** COMMAND alone describes every command; its subcommands count, name or describe some. */
const commandCommand: CommandSpec = {
  name: 'command',
  arity: -1,
  flags: [],
  keys: NO_KEYS,
  run: ({ server }) => [...server.commands.values()].map(describe),
  subcommands: new Map(
    [
      plainCommand('command|count', 2, [], ({ server }) => server.commands.size),
      plainCommand('command|list', -2, [], ({ server }) => [...server.commands.keys()]),
      plainCommand('command|info', -2, [], ({ server }, names) => {
        const wanted = names.length === 0 ? [...server.commands.keys()] : names;
        return wanted.map((name) => {
          const spec = server.commands.get(name.toLowerCase());
          return spec === undefined ? NULL_ARRAY : describe(spec);
        });
      }),
      plainCommand('command|docs', -2, [], ({ server }, names) => {
        const wanted = names.length === 0 ? [...server.commands.keys()] : names;
        return wanted
          .map((name) => server.commands.get(name.toLowerCase()))
          .filter((spec) => spec !== undefined)
          .flatMap((spec) => [spec.name, ['summary', `${spec.name.toUpperCase()} as in Redis 7.0`, 'group', 'generic']]);
      }),
      plainCommand('command|getkeys', -4, [], keysOf),
    ].map((spec) => [spec.name.slice('command|'.length), spec]),
  ),
};

export const serverCommands: readonly CommandSpec[] = [
  plainCommand('flushdb', -1, ['write'], ({ database }, args) => {
    checkFlushMode(args);
    database.clear();
    return OK;
  }),
  plainCommand('flushall', -1, ['write'], ({ server }, args) => {
    checkFlushMode(args);
    for (const database of server.databases) database.clear();
    return OK;
  }),
  plainCommand('time', 1, [], ({ nowMs }) => {
    const microseconds = Math.trunc(nowMs * 1000);
    return [String(Math.floor(microseconds / 1e6)), String(microseconds % 1e6)];
  }),
  // No replica can ever acknowledge: the answer is known at once, however many were asked for.
  plainCommand('wait', 3, ['noscript'], (_context, [replicas, timeout]) => {
    indexArgument(replicas, NOT_AN_INTEGER);
    if (indexArgument(timeout, 'ERR timeout is not an integer or out of range') < 0) throw new ErrorReply('ERR timeout is negative');
    return 0;
  }),
  plainCommand('lastsave', 1, [], ({ server }) => Math.floor(server.startedAtMs / 1000)),
  plainCommand('role', 1, ['noscript'], () => ['master', 0, []]),
  commandCommand,
];
