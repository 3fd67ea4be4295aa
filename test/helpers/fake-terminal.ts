import { PassThrough } from 'node:stream';

export interface FakeTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Everything, escape sequences among it. */
  readonly written: () => string;
  readonly isRaw: () => boolean;
  readonly type: (text: string) => void;
  readonly resize: (columns: number, rows: number) => void;
}

/** Both ends of a terminal that nobody looks at. */
export function fakeTerminal(columns: number, rows: number): FakeTerminal {
  let written = '';
  let raw = false;
  const input = new PassThrough();
  const stdin = Object.assign(input, {
    isTTY: true,
    setRawMode: (wanted: boolean) => {
      raw = wanted;
      return input;
    },
    ref: () => input,
    unref: () => input,
  });
  const output = new PassThrough();
  const stdout = Object.assign(output, { isTTY: true, columns, rows });
  output.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  return {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    written: () => written,
    isRaw: () => raw,
    type: (text) => void input.write(text),
    resize: (toColumns, toRows) => {
      Object.assign(stdout, { columns: toColumns, rows: toRows });
      stdout.emit('resize');
    },
  };
}
