import { ErrorReply } from '../protocol/reply.ts';

const KNOWN_FLAGS = new Set(['no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys']);

/**
 * The first line `#!lua flags=no-writes,…` that a script may begin with. It is taken out of the
 * code; its line end stays, so that messages name the right line.
 */
export function readShebang(body: string): { code: string; noWrites: boolean } {
  if (!body.startsWith('#!')) return { code: body, noWrites: false };
  const end = body.indexOf('\n');
  if (end < 0) throw new ErrorReply('ERR Invalid script shebang');
  const [engine = '', ...options] = body.slice(0, end).trimEnd().split(/ +/);
  if (engine !== '#!lua') throw new ErrorReply(`ERR Unexpected engine in script shebang: ${engine}`);
  let noWrites = false;
  for (const option of options) {
    if (!option.startsWith('flags=')) throw new ErrorReply(`ERR Unknown lua shebang option: ${option}`);
    for (const flag of option.slice('flags='.length).split(',')) {
      if (flag === '') continue;
      if (!KNOWN_FLAGS.has(flag)) throw new ErrorReply(`ERR Unexpected flag in script shebang: ${flag}`);
      if (flag === 'no-writes') noWrites = true;
    }
  }
  return { code: body.slice(end), noWrites };
}
