import { runCommand } from '../executor.ts';
import { ErrorReply, NULL_ARRAY, OK, type Reply } from '../protocol/reply.ts';
import { ALL_KEYS, plainCommand, type CommandContext, type CommandSpec } from './command.ts';

/** Forgets a transaction and what was watched for it. */
export function discardTransaction({ server, session }: CommandContext): void {
  session.transaction = undefined;
  server.watches.unwatch(session);
}

/** All or nothing up to here; from here on each command's error is its own, and nothing is undone. */
function exec(context: CommandContext): Reply {
  const { server, session } = context;
  const { transaction } = session;
  if (transaction === undefined) throw new ErrorReply('ERR EXEC without MULTI');
  const watchBroken = server.watches.isBroken(session);
  discardTransaction(context);
  if (transaction.aborted) throw new ErrorReply('EXECABORT Transaction discarded because of previous errors.');
  if (watchBroken) return NULL_ARRAY;
  session.mayBlock = false;
  try {
    return transaction.queue.map(({ spec, args }) => runCommand(context, spec, args));
  } finally {
    session.mayBlock = true;
  }
}

export const transactionCommands: readonly CommandSpec[] = [
  plainCommand('multi', 1, ['noscript'], ({ session }) => {
    if (session.transaction !== undefined) throw new ErrorReply('ERR MULTI calls can not be nested');
    session.transaction = { queue: [], aborted: false };
    return OK;
  }),
  plainCommand('exec', 1, ['noscript'], exec),
  plainCommand('discard', 1, ['noscript'], (context) => {
    if (context.session.transaction === undefined) throw new ErrorReply('ERR DISCARD without MULTI');
    discardTransaction(context);
    return OK;
  }),
  {
    ...plainCommand('watch', -2, ['noscript'], ({ server, session }, keys) => {
      if (session.transaction !== undefined) throw new ErrorReply('ERR WATCH inside MULTI is not allowed');
      if (session.watchBroken) return OK;
      for (const key of keys) server.watches.watch(session, key);
      return OK;
    }),
    keys: ALL_KEYS,
  },
  plainCommand('unwatch', 1, ['noscript'], ({ server, session }) => {
    server.watches.unwatch(session);
    return OK;
  }),
];
