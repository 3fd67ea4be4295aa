import { NO_SCRIPT, NOT_AN_INTEGER } from '../error-texts.ts';
import { ErrorReply, OK, type Reply } from '../protocol/reply.ts';
import { indexArgument } from './arguments.ts';
import { container, plainCommand, type CommandContext, type CommandFlag, type CommandSpec, type RunCommand } from './command.ts';

const SHA_LENGTH = 40;

/** `numkeys key… arg…` after the script: runs it under its SHA-1. */
function run(context: CommandContext, shaOf: () => string, args: readonly string[], readOnly: boolean): Reply {
  const count = indexArgument(args[0] as string, NOT_AN_INTEGER);
  const rest = args.slice(1);
  if (count > rest.length) throw new ErrorReply("ERR Number of keys can't be greater than number of args");
  if (count < 0) throw new ErrorReply("ERR Number of keys can't be negative");
  return context.server.scripts.run(context, shaOf(), rest.slice(0, count), rest.slice(count), readOnly);
}

function scriptCommand(name: string, readOnly: boolean, runScript: RunCommand): CommandSpec {
  const flags: readonly CommandFlag[] = readOnly ? ['noscript', 'readonly'] : ['noscript'];
  return { ...plainCommand(name, -3, flags, runScript), numKeysAt: 2 };
}

function evalCommand(name: string, readOnly: boolean): CommandSpec {
  return scriptCommand(name, readOnly, (context, [body, ...rest]) => run(context, () => context.server.scripts.load(body), rest, readOnly));
}

function evalShaCommand(name: string, readOnly: boolean): CommandSpec {
  return scriptCommand(name, readOnly, (context, [sha, ...rest]) => {
    if (sha.length !== SHA_LENGTH) throw new ErrorReply(NO_SCRIPT);
    return run(context, () => sha.toLowerCase(), rest, readOnly);
  });
}

export const scriptingCommands: readonly CommandSpec[] = [
  evalCommand('eval', false),
  evalCommand('eval_ro', true),
  evalShaCommand('evalsha', false),
  evalShaCommand('evalsha_ro', true),
  container('script', [
    plainCommand('script|load', 3, ['noscript'], ({ server }, [body]) => server.scripts.load(body)),
    plainCommand('script|exists', -3, ['noscript'], ({ server }, shas) => shas.map((sha) => (server.scripts.has(sha.toLowerCase()) ? 1 : 0))),
    plainCommand('script|flush', -2, ['noscript'], ({ server }, args) => {
      const mode = args.length > 0 ? args[0].toLowerCase() : 'sync';
      if (args.length > 1 || (mode !== 'sync' && mode !== 'async')) throw new ErrorReply('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
      server.scripts.flush();
      return OK;
    }),
    plainCommand('script|kill', 2, ['noscript'], () => {
      throw new ErrorReply('NOTBUSY No scripts in execution right now.');
    }),
  ]),
];
