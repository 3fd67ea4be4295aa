import { SYNTAX_ERROR, wrongArity } from '../error-texts.ts';
import { ErrorReply, OK, Status, type Reply } from '../protocol/reply.ts';
import { REDIS_VERSION } from '../server-state.ts';
import { indexArgument, int32Argument, rangedArgument } from './arguments.ts';
import { checkName } from './client.ts';
import { plainCommand, type Arguments, type CommandContext, type CommandFlag, type CommandSpec } from './command.ts';
import { discardTransaction } from './transactions.ts';

const SESSION_FLAGS: readonly CommandFlag[] = ['noscript'];
const NO_PASSWORD =
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?';
const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';

function ping({ session }: CommandContext, args: Arguments): Reply {
  if (args.length > 1) throw new ErrorReply(wrongArity('ping'));
  const message = args.length === 1 ? args[0] : undefined;
  if (session.isSubscriber) return ['pong', message ?? ''];
  return message ?? new Status('PONG');
}

/** `HELLO [2 [AUTH user password] [SETNAME name]]`; this server speaks RESP2 only. */
function hello({ session }: CommandContext, args: Arguments): Reply {
  if (args.length > 0) {
    const version = indexArgument(args[0], 'ERR Protocol version is not an integer or out of range');
    if (version !== 2) throw new ErrorReply('NOPROTO unsupported protocol version');
  }
  let name: string | undefined;
  for (let at = 1; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    const value = args[at + 1];
    if (option === 'auth' && args.length > at + 2) {
      // The default user has no password: any is right for it, and there is no other user.
      if (value !== 'default') throw new ErrorReply(WRONG_PASSWORD);
      at += 2;
    } else if (option === 'setname' && value !== undefined) {
      checkName(value);
      name = value;
      at++;
    } else {
      throw new ErrorReply(`ERR Syntax error in HELLO option '${args[at] as string}'`);
    }
  }
  if (name !== undefined) session.name = name;
  return ['server', 'redis', 'version', REDIS_VERSION, 'proto', 2, 'id', session.id, 'mode', 'standalone', 'role', 'master', 'modules', []];
}

function reset(context: CommandContext): Reply {
  const { server, session } = context;
  discardTransaction(context);
  server.pubsub.drop(session);
  session.database = server.databases[0] as (typeof server.databases)[number];
  session.name = '';
  session.replies = 'on';
  session.noEvict = false;
  return new Status('RESET');
}

export const connectionCommands: readonly CommandSpec[] = [
  plainCommand('ping', -1, [], ping),
  plainCommand('echo', 2, [], (_context, [message]) => message),
  plainCommand('hello', -1, SESSION_FLAGS, hello),
  plainCommand('auth', -2, SESSION_FLAGS, (_context, args) => {
    if (args.length > 2) throw new ErrorReply(SYNTAX_ERROR);
    if (args.length === 1) throw new ErrorReply(NO_PASSWORD);
    if (args[0] !== 'default') throw new ErrorReply(WRONG_PASSWORD);
    return OK;
  }),
  plainCommand('select', 2, [], ({ server, session }, [indexText]) => {
    const database = server.database(int32Argument(indexText));
    if (database === undefined) throw new ErrorReply('ERR DB index is out of range');
    session.database = database;
    return OK;
  }),
  plainCommand('quit', -1, SESSION_FLAGS, ({ session }) => {
    session.transport.end();
    return OK;
  }),
  plainCommand('reset', 1, SESSION_FLAGS, reset),
  plainCommand('swapdb', 3, ['write'], ({ server }, [firstText, secondText]) => {
    const first = rangedArgument(firstText, -(2 ** 31), 2 ** 31 - 1, 'ERR invalid first DB index');
    const second = rangedArgument(secondText, -(2 ** 31), 2 ** 31 - 1, 'ERR invalid second DB index');
    const [one, other] = [server.database(first), server.database(second)];
    if (one === undefined || other === undefined) throw new ErrorReply('ERR DB index is out of range');
    if (one !== other) one.swap(other);
    return OK;
  }),
];

