import type { Readable } from 'node:stream';

export interface StandardInputUse {
  readonly onText: (text: string) => void;
  /** Whoever started this host is gone, and nobody else would end it. @default it goes on */
  readonly onClose?: (() => void) | undefined;
}

/** A host's standard input: lines for its boundaries, and its end as a sign of its starter's end. */
export function followStandardInput(stdin: Readable, { onText, onClose }: StandardInputUse): void {
  if (onClose !== undefined) stdin.on('end', onClose);
  // A terminal that was closed is an error to read from (EIO), and the same sign.
  stdin.on('error', onClose ?? (() => undefined));
  stdin.setEncoding('utf8').on('data', onText);
}
