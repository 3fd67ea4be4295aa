import { matchesGlob } from '../glob.ts';
import { ErrorReply, OK } from '../protocol/reply.ts';
import { container, plainCommand, type CommandFlag, type CommandSpec } from './command.ts';
import { wrongArity } from '../error-texts.ts';

const FLAGS: readonly CommandFlag[] = ['admin', 'noscript'];

export const configurationCommands: readonly CommandSpec[] = [
  container('config', [
    plainCommand('config|get', -3, FLAGS, ({ server }, patterns) => {
      const { configuration } = server;
      const wanted = patterns.map((pattern) => pattern.toLowerCase());
      return configuration
        .names()
        .filter((name) => wanted.some((pattern) => matchesGlob(pattern, name)))
        .flatMap((name) => [name, configuration.get(name) ?? '']);
    }),
    plainCommand('config|set', -4, FLAGS, ({ server }, pairs) => {
      if (pairs.length % 2 !== 0) throw new ErrorReply(wrongArity('config|set'));
      const before = new Map<string, string>();
      for (let at = 0; at < pairs.length; at += 2) {
        const name = (pairs[at] as string).toLowerCase();
        const current = server.configuration.get(name);
        const problem = server.configuration.set(name, pairs[at + 1] as string);
        if (problem === undefined) {
          before.set(name, before.get(name) ?? (current as string));
          continue;
        }
        // All or nothing: what was set before the refused one is put back.
        for (const [changed, value] of before) server.configuration.set(changed, value);
        throw new ErrorReply(
          problem === 'unknown'
            ? `ERR Unknown option or number of arguments for CONFIG SET - '${pairs[at] as string}'`
            : `ERR CONFIG SET failed (possibly related to argument '${name}') - ${problem}`,
        );
      }
      return OK;
    }),
    plainCommand('config|resetstat', 2, FLAGS, ({ server }) => {
      server.statistics.commands = 0;
      server.statistics.connections = 0;
      for (const database of server.databases) database.expiredCount = 0;
      return OK;
    }),
  ]),
];
