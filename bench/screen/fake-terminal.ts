import { PassThrough } from 'node:stream';

/** Both ends of a terminal that nobody looks at; what is written is counted. */
export function fakeTerminal(columns: number, rows: number): { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream; written: () => number } {
  let written = 0;
  const stdin = Object.assign(new PassThrough(), { isTTY: true, isRaw: false, setRawMode: () => stdin, ref: () => stdin, unref: () => stdin }) as unknown as NodeJS.ReadStream;
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns, rows, getWindowSize: () => [columns, rows] }) as unknown as NodeJS.WriteStream & PassThrough;
  stdout.on('data', (bytes: Buffer) => {
    written += bytes.length;
  });
  return { stdin, stdout, written: () => written };
}
