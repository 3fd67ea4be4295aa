import { asError } from '../../../core/errors.ts';
import { cString, TOO_LARGE, wrongArity } from './error-texts.ts';
import type { Arguments, CommandContext, CommandSpec } from './commands/command.ts';
import { ErrorReply, NO_REPLY, QUEUED, type Reply } from './protocol/reply.ts';
import type { ServerState } from './server-state.ts';
import type { Session } from './session.ts';

/** Run at once even between MULTI and EXEC. */
const NEVER_QUEUED = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);
const ALLOWED_WHILE_SUBSCRIBED = new Set(['ping', 'subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe', 'quit', 'reset']);
/** First words of an HTTP request, which a web page could be made to send to a loopback port. */
const CROSS_PROTOCOL = new Set(['post', 'host:']);

export interface FoundCommand {
  readonly spec: CommandSpec;
  /** Without the name, and without the subcommand's. */
  readonly args: readonly string[];
}

/** The command that a request names, container and subcommand resolved; undefined for none. */
export function findCommand(commands: ReadonlyMap<string, CommandSpec>, request: readonly string[]): FoundCommand | undefined {
  const spec = commands.get((request[0] as string).toLowerCase());
  if (spec?.subcommands === undefined || request.length === 1) return spec && { spec, args: request.slice(1) };
  const subcommand = spec.subcommands.get((request[1] as string).toLowerCase());
  return subcommand && { spec: subcommand, args: request.slice(2) };
}

export function hasRightArity(spec: CommandSpec, request: readonly string[]): boolean {
  return spec.arity >= 0 ? request.length === spec.arity : request.length >= -spec.arity;
}

/** Runs a command whose arity was checked; errors come back as replies. */
export function runCommand(context: CommandContext, spec: CommandSpec, args: readonly string[]): Reply {
  context.server.statistics.commands++;
  try {
    // The arity check is what makes the promised arguments present.
    return spec.run(context, args as Arguments);
  } catch (error) {
    if (error instanceof ErrorReply) return error;
    // V8 makes no string above 512 MB, which is the limit that Redis sets too.
    if (error instanceof RangeError && error.message === 'Invalid string length') return ErrorReply.of(TOO_LARGE);
    return ErrorReply.of(`ERR internal error of the embedded server in '${spec.name}': ${asError(error).message}`);
  }
}

export function contextOf(server: ServerState, session: Session): CommandContext {
  return {
    server,
    session,
    get database() {
      return session.database;
    },
    get nowMs() {
      return server.time.nowMs;
    },
  };
}

/** One request of a client, with the rules of its state: transactions, subscriptions, blocking. */
export function execute(context: CommandContext, request: readonly string[]): Reply {
  const { server, session } = context;
  server.time.nowMs = server.clock.now();
  session.lastCommandAtMs = server.time.nowMs;
  const name = (request[0] as string).toLowerCase();
  if (CROSS_PROTOCOL.has(name)) {
    session.transport.destroy();
    return NO_REPLY;
  }
  const found = findCommand(server.commands, request);
  if (found === undefined) return refuse(context, unknownCommand(server, request));
  const { spec, args } = found;
  session.lastCommand = spec.name;
  if (!hasRightArity(spec, request)) return refuse(context, wrongArity(spec.name), spec);
  if (session.isSubscriber && !ALLOWED_WHILE_SUBSCRIBED.has(spec.name)) {
    return refuse(
      context,
      `ERR Can't execute '${spec.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      spec,
    );
  }
  if (session.transaction !== undefined && !NEVER_QUEUED.has(spec.name)) {
    session.transaction.queue.push({ spec, args });
    return QUEUED;
  }
  const reply = runCommand(context, spec, args);
  server.blocked.serve();
  return reply;
}

/** An error before anything ran; a transaction being queued will not be executed, and a refused EXEC ends it. */
function refuse({ server, session }: CommandContext, text: string, spec?: CommandSpec): ErrorReply {
  if (spec?.name === 'exec') {
    session.transaction = undefined;
    server.watches.unwatch(session);
    return ErrorReply.of(`EXECABORT Transaction discarded because of: ${text.slice('ERR '.length)}`);
  }
  if (session.transaction !== undefined) session.transaction.aborted = true;
  return ErrorReply.of(text);
}

function unknownCommand(server: ServerState, request: readonly string[]): string {
  const name = cString(request[0] as string);
  if (server.commands.get((request[0] as string).toLowerCase())?.subcommands !== undefined) {
    return `ERR unknown subcommand '${cString(request[1] as string).slice(0, 128)}'. Try ${name.toUpperCase()} HELP.`;
  }
  let shown = '';
  for (const argument of request.slice(1)) {
    if (shown.length >= 128) break;
    shown += `'${cString(argument).slice(0, 128 - shown.length)}' `;
  }
  return `ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown}`;
}


