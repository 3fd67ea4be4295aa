import { parseInteger } from '../numbers/integer.ts';
import { splitInlineArguments } from './inline-arguments.ts';

/*
 * Requests as the reference server reads them:
 *
 *   request  = "*" count CRLF count*( "$" length CRLF bytes CRLF )   count <= 0: ignored
 *            | inline LF                                             any line that does not start with "*"
 *
 * The two bytes after a bulk are skipped unread, as the reference server does. A bulk that spans
 * chunks is copied once, into a buffer of its own size.
 */
const MAX_LINE_BYTES = 64 * 1024;
export const MAX_BULK_BYTES = 512 * 1024 * 1024;
const MAX_ARGUMENTS = 2 ** 31 - 1;
const ASTERISK = 0x2a;
const CR = 0x0d;
const LF = 0x0a;
const DOLLAR = 0x24;

/** Bytes that are no request; the connection is told `message` and closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

interface PartialBulk {
  readonly bytes: Buffer;
  filled: number;
}

/** Incremental: `push` chunks, take commands with `next` until it gives undefined. */
export class RequestParser {
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Arguments still to come of a started request; 0 between requests. */
  #missing = 0;
  #bulkLength = -1;
  #partial: PartialBulk | undefined;
  #arguments: string[] = [];

  push(chunk: Buffer): void {
    const rest = this.#partial === undefined ? chunk : this.#fillPartial(this.#partial, chunk);
    this.#buffer = this.#at < this.#buffer.length ? Buffer.concat([this.#buffer.subarray(this.#at), rest]) : rest;
    this.#at = 0;
  }

  /** The next complete request, never empty; throws ProtocolError. */
  next(): string[] | undefined {
    for (;;) {
      if (this.#missing === 0) {
        if (this.#at >= this.#buffer.length) return undefined;
        if (this.#buffer[this.#at] !== ASTERISK) {
          const inline = this.#inline();
          if (inline === undefined) return undefined;
          if (inline.length > 0) return inline;
          continue;
        }
        const count = this.#headerNumber('too big mbulk count string');
        if (count === undefined) return undefined;
        if (typeof count !== 'number' || !(count <= MAX_ARGUMENTS)) throw new ProtocolError('invalid multibulk length');
        if (count <= 0) continue;
        this.#missing = count;
        this.#arguments = [];
      }
      if (!this.#bulks()) return undefined;
      return this.#arguments;
    }
  }

  #inline(): string[] | undefined {
    const end = this.#buffer.indexOf(LF, this.#at);
    if (end < 0) {
      if (this.#buffer.length - this.#at > MAX_LINE_BYTES) throw new ProtocolError('too big inline request');
      return undefined;
    }
    const lineEnd = end > this.#at && this.#buffer[end - 1] === CR ? end - 1 : end;
    const inline = splitInlineArguments(this.#buffer.toString('latin1', this.#at, lineEnd));
    this.#at = end + 1;
    if (inline === undefined) throw new ProtocolError('unbalanced quotes in request');
    return inline;
  }

  /** The number after a type byte; undefined while its line is incomplete, NaN where it is none. */
  #headerNumber(tooLong: string): number | bigint | undefined {
    const end = this.#buffer.indexOf(CR, this.#at);
    if (end < 0) {
      if (this.#buffer.length - this.#at > MAX_LINE_BYTES) throw new ProtocolError(tooLong);
      return undefined;
    }
    if (end + 1 >= this.#buffer.length) return undefined;
    const value = parseInteger(this.#buffer.toString('latin1', this.#at + 1, end));
    this.#at = end + 2;
    return value ?? Number.NaN;
  }

  #bulks(): boolean {
    while (this.#missing > 0) {
      if (this.#bulkLength < 0) {
        if (this.#at >= this.#buffer.length) return false;
        const marker = this.#buffer[this.#at] as number;
        if (marker !== DOLLAR && this.#buffer.indexOf(CR, this.#at) >= 0) {
          throw new ProtocolError(`expected '$', got '${String.fromCharCode(marker)}'`);
        }
        const length = this.#headerNumber('too big bulk count string');
        if (length === undefined) return false;
        if (typeof length !== 'number' || !(length >= 0 && length <= MAX_BULK_BYTES)) throw new ProtocolError('invalid bulk length');
        this.#bulkLength = length;
      }
      if (!this.#bulk(this.#bulkLength)) return false;
      this.#bulkLength = -1;
      this.#missing--;
    }
    return true;
  }

  #bulk(length: number): boolean {
    if (this.#partial !== undefined) {
      if (this.#partial.filled < length + 2) return false;
      this.#arguments.push(this.#partial.bytes.toString('latin1', 0, length));
      this.#partial = undefined;
      return true;
    }
    const available = this.#buffer.length - this.#at;
    if (available >= length + 2) {
      this.#arguments.push(this.#buffer.toString('latin1', this.#at, this.#at + length));
      this.#at += length + 2;
      return true;
    }
    // Unsafe: every byte is written before it is read.
    const partial = { bytes: Buffer.allocUnsafeSlow(length + 2), filled: 0 };
    this.#fillPartial(partial, this.#buffer.subarray(this.#at));
    this.#partial = partial;
    this.#buffer = this.#buffer.subarray(this.#buffer.length);
    this.#at = 0;
    return false;
  }

  #fillPartial(partial: PartialBulk, chunk: Buffer): Buffer {
    const copied = chunk.copy(partial.bytes, partial.filled);
    partial.filled += copied;
    return chunk.subarray(copied);
  }
}
