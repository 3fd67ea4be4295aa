import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../error-texts.ts';
import { ErrorReply, NO_REPLY, OK, type Reply } from '../protocol/reply.ts';
import type { Session } from '../session.ts';
import { indexArgument } from './arguments.ts';
import { container, plainCommand, type CommandContext, type CommandFlag, type CommandSpec } from './command.ts';

const FLAGS: readonly CommandFlag[] = ['noscript'];
const ADMIN_FLAGS: readonly CommandFlag[] = ['admin', 'noscript'];
const CLIENT_TYPES = new Set(['normal', 'master', 'replica', 'slave', 'pubsub']);

export function checkName(name: string): void {
  if (/[^!-~]/.test(name)) throw new ErrorReply('ERR Client names cannot contain spaces, newlines or special characters.');
}

function typeOf(session: Session): 'pubsub' | 'normal' {
  return session.isSubscriber ? 'pubsub' : 'normal';
}

/** One line of CLIENT LIST, with the fields that have a meaning here. */
function describe(session: Session, nowMs: number): string {
  const seconds = (sinceMs: number): number => Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  const flags = `${session.isSubscriber ? 'P' : ''}${session.transaction === undefined ? '' : 'x'}${session.blocked === undefined ? '' : 'b'}${session.noEvict ? 'e' : ''}`;
  return [
    `id=${session.id}`,
    `addr=${session.transport.remoteAddress}`,
    `laddr=${session.transport.localAddress}`,
    `name=${session.name}`,
    `age=${seconds(session.createdAtMs)}`,
    `idle=${seconds(session.lastCommandAtMs)}`,
    `flags=${flags || 'N'}`,
    `db=${session.database.index}`,
    `sub=${session.channels.size}`,
    `psub=${session.patterns.size}`,
    `multi=${session.transaction?.queue.length ?? -1}`,
    `cmd=${session.lastCommand}`,
    'user=default',
    'resp=2',
    `lib-name=${session.libraryName}`,
    `lib-ver=${session.libraryVersion}`,
  ].join(' ');
}

function list({ server, nowMs }: CommandContext, args: readonly string[]): Reply {
  const [option, ...values] = args;
  let sessions = [...server.sessions.values()];
  if (option?.toLowerCase() === 'type' && values.length === 1) {
    const type = (values[0] as string).toLowerCase();
    if (!CLIENT_TYPES.has(type)) throw new ErrorReply(`ERR Unknown client type '${values[0] as string}'`);
    sessions = sessions.filter((session) => typeOf(session) === type);
  } else if (option?.toLowerCase() === 'id' && values.length > 0) {
    const ids = values.map((value) => indexArgument(value, 'ERR Invalid client ID'));
    sessions = ids.map((id) => server.sessions.get(id)).filter((session) => session !== undefined);
  } else if (option !== undefined) {
    throw new ErrorReply(SYNTAX_ERROR);
  }
  return sessions.map((session) => `${describe(session, nowMs)}\n`).join('');
}

type Filter = (session: Session) => boolean;

function killFilter(option: string, value: string, self: Session): Filter {
  switch (option) {
    case 'id': {
      const id = indexArgument(value, 'ERR client-id should be greater than 0');
      if (id < 1) throw new ErrorReply('ERR client-id should be greater than 0');
      return (session) => session.id === id;
    }
    case 'addr':
      return (session) => session.transport.remoteAddress === value;
    case 'laddr':
      return (session) => session.transport.localAddress === value;
    case 'type': {
      const type = value.toLowerCase();
      if (!CLIENT_TYPES.has(type)) throw new ErrorReply(`ERR Unknown client type '${value}'`);
      return (session) => typeOf(session) === type;
    }
    case 'user':
      return () => value === 'default';
    case 'skipme': {
      const answer = value.toLowerCase();
      if (answer !== 'yes' && answer !== 'no') throw new ErrorReply(SYNTAX_ERROR);
      return (session) => answer === 'no' || session !== self;
    }
    default:
      throw new ErrorReply(SYNTAX_ERROR);
  }
}

/** The client that asked gets its reply before its own connection ends. */
function cut(session: Session, self: Session): void {
  if (session === self) session.transport.end();
  else session.transport.destroy();
}

/** `CLIENT KILL address`, or any number of filters that all have to hold. */
function kill({ server, session: self }: CommandContext, args: readonly string[]): Reply {
  if (args.length === 1) {
    const found = [...server.sessions.values()].find((session) => session.transport.remoteAddress === args[0]);
    if (found === undefined) throw new ErrorReply('ERR No such client');
    cut(found, self);
    return OK;
  }
  const filters: Filter[] = [];
  let skipsSelf = true;
  for (let at = 0; at < args.length; at += 2) {
    const option = (args[at] as string).toLowerCase();
    const value = args[at + 1];
    if (value === undefined) throw new ErrorReply(SYNTAX_ERROR);
    if (option === 'skipme') skipsSelf = false;
    filters.push(killFilter(option, value, self));
  }
  const chosen = [...server.sessions.values()].filter((session) => !(skipsSelf && session === self) && filters.every((holds) => holds(session)));
  for (const session of chosen) cut(session, self);
  return chosen.length;
}

function reply({ session }: CommandContext, mode: string): Reply {
  switch (mode.toLowerCase()) {
    case 'on':
      session.replies = 'on';
      return OK;
    case 'off':
      session.replies = 'off';
      return NO_REPLY;
    case 'skip':
      if (session.replies !== 'off') session.replies = 'skip-next';
      return NO_REPLY;
    default:
      throw new ErrorReply(SYNTAX_ERROR);
  }
}

export const clientCommands: readonly CommandSpec[] = [
  container('client', [
    plainCommand('client|id', 2, FLAGS, ({ session }) => session.id),
    plainCommand('client|getname', 2, FLAGS, ({ session }) => (session.name === '' ? null : session.name)),
    plainCommand('client|setname', 3, FLAGS, ({ session }, [name]) => {
      checkName(name);
      session.name = name;
      return OK;
    }),
    plainCommand('client|setinfo', 4, FLAGS, ({ session }, [attribute, value]) => {
      const name = attribute.toLowerCase();
      if (name !== 'lib-name' && name !== 'lib-ver') throw new ErrorReply(`ERR Unrecognized option '${attribute}'`);
      if (/[^!-~]/.test(value)) throw new ErrorReply(`ERR ${name} cannot contain spaces, newlines or special characters.`);
      if (name === 'lib-name') session.libraryName = value;
      else session.libraryVersion = value;
      return OK;
    }),
    plainCommand('client|info', 2, FLAGS, ({ session, nowMs }) => `${describe(session, nowMs)}\n`),
    plainCommand('client|list', -2, ADMIN_FLAGS, list),
    plainCommand('client|kill', -3, ADMIN_FLAGS, kill),
    plainCommand('client|reply', 3, FLAGS, (context, [mode]) => reply(context, mode)),
    plainCommand('client|no-evict', 3, ADMIN_FLAGS, ({ session }, [mode]) => {
      const name = mode.toLowerCase();
      if (name !== 'on' && name !== 'off') throw new ErrorReply(SYNTAX_ERROR);
      session.noEvict = name === 'on';
      return OK;
    }),
    plainCommand('client|unblock', -3, ADMIN_FLAGS, ({ server }, args) => {
      const id = indexArgument(args[0], NOT_AN_INTEGER);
      const how = args.length > 1 ? args[1].toLowerCase() : 'timeout';
      if (args.length > 2 || (how !== 'timeout' && how !== 'error')) {
        throw new ErrorReply('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
      }
      const session = server.sessions.get(id);
      if (session?.blocked === undefined) return 0;
      const answer = how === 'error' ? ErrorReply.of('UNBLOCKED client unblocked via CLIENT UNBLOCK') : session.blocked.emptyReply;
      server.blocked.finish(session, answer);
      return 1;
    }),
  ]),
];
