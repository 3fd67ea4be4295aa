import { Buffer, isUtf8 } from 'node:buffer';
import type { Problems } from '../../core/problems.ts';

export const encodings = ['utf-8', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

/** Above this a file is refused, since it is read as a whole. */
const MAX_MEGABYTES = 256;

/** A file's content as UTF-8 without a byte order mark; undefined, with a problem, where it is not what it is said to be. */
export function toUtf8(bytes: Buffer, encoding: Encoding, file: string, problems: Problems): Buffer | undefined {
  const megabytes = Math.ceil(bytes.length / 1024 / 1024);
  if (megabytes > MAX_MEGABYTES) {
    problems.add(file, `has ${megabytes} MB, ${MAX_MEGABYTES} MB is the limit`, 'leave out rows that no report needs');
    return undefined;
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    problems.add(`${file}:1:1`, 'is UTF-16', 'save it as "CSV UTF-8"');
    return undefined;
  }
  const nul = bytes.indexOf(0);
  if (nul !== -1) {
    problems.add(`${file}:${lineAt(bytes, nul)}:1`, 'is no text: it contains NUL bytes', 'export the table as CSV, not as a spreadsheet or an archive');
    return undefined;
  }
  if (encoding === 'windows-1252') return Buffer.from(new TextDecoder('windows-1252').decode(bytes));
  if (!isUtf8(bytes)) {
    problems.add(`${file}:${firstInvalid(bytes)}`, 'is not UTF-8', 'save it as UTF-8, or say "encoding: windows-1252" for the table in mapping.yaml');
    return undefined;
  }
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

const LF = 0x0a;
const CR = 0x0d;

/** Line, 1-based, of the byte at `offset`; CRLF, LF and CR each end one line. */
export function lineAt(bytes: Buffer, offset: number): number {
  return 1 + newlinesBetween(bytes, 0, offset);
}

/** Line ends that are complete before `to`. */
export function newlinesBetween(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) count++;
  }
  return count;
}

/** Offset of the first byte at or after `from` that ends no line. */
export function skipNewlines(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === LF || bytes[at] === CR) at++;
  return at;
}

/** `line:column` of the first sequence that is not UTF-8. */
function firstInvalid(bytes: Buffer): string {
  let line = 1;
  let start = 0;
  for (;;) {
    const newline = bytes.indexOf(LF, start);
    const end = newline === -1 ? bytes.length : newline;
    const bad = bytes.toString('utf8', start, end).indexOf('\uFFFD');
    if (bad !== -1 || newline === -1) return `${line}:${bad + 1}`;
    line++;
    start = end + 1;
  }
}
