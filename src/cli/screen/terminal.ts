/** Both ends of a terminal on which a screen can be shown and keys can be read. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/** undefined where one end is no terminal, where it can do nothing but print (TERM=dumb), and in CI, where nobody looks at it. */
export function terminalOf(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream, { TERM, CI }: Readonly<Record<string, string | undefined>>): Terminal | undefined {
  const inCi = CI !== undefined && !['', '0', 'false'].includes(CI);
  // `isTTY` is absent, not false, where there is none.
  return stdin.isTTY && stdout.isTTY && TERM !== 'dumb' && !inCi ? { stdin, stdout } : undefined;
}
