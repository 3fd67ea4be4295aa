/*
 * RESP2 replies (redis.io/docs/reference/protocol-spec):
 *
 *   status  = "+" text CRLF
 *   error   = "-" text CRLF
 *   integer = ":" decimal CRLF
 *   bulk    = "$" length CRLF bytes CRLF      null bulk  = "$-1" CRLF
 *   array   = "*" count CRLF count*reply      null array = "*-1" CRLF
 *
 * Every string in the server is binary: one character a byte (latin1), which is how it goes to
 * and comes from the socket. A bulk reply is therefore a plain string, an integer a number.
 */
export class Status {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Several replies one after the other to one command, as SUBSCRIBE gives them; possibly none. */
export class ReplySequence {
  readonly replies: readonly Reply[];
  constructor(replies: readonly Reply[]) {
    this.replies = replies;
  }
}

/** The text of an error reply without its `-`, code word first. Thrown by commands, or returned. */
export class ErrorReply extends Error {
  override readonly name = 'ErrorReply';

  /** For errors inside an array, where nothing is thrown. */
  static of(text: string): ErrorReply {
    return new ErrorReply(text);
  }
}

export const NULL_ARRAY = Symbol('null array');

export type Reply = string | number | bigint | null | typeof NULL_ARRAY | Status | ErrorReply | ReplySequence | readonly Reply[];

export const OK = new Status('OK');
export const QUEUED = new Status('QUEUED');
export const NO_REPLY = new ReplySequence([]);

export function encodeReply(reply: Reply): string {
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`;
  if (typeof reply === 'number' || typeof reply === 'bigint') return `:${reply}\r\n`;
  if (reply === null) return '$-1\r\n';
  if (reply === NULL_ARRAY) return '*-1\r\n';
  if (reply instanceof Status) return `+${oneLine(reply.text)}\r\n`;
  if (reply instanceof ErrorReply) return `-${oneLine(reply.message.replace(/[\r\n]+$/, ''))}\r\n`;
  let encoded = '';
  if (reply instanceof ReplySequence) {
    for (const part of reply.replies) encoded += encodeReply(part);
    return encoded;
  }
  encoded = `*${reply.length}\r\n`;
  for (const element of reply) encoded += encodeReply(element);
  return encoded;
}

/** A line break inside a status or an error would end the frame early. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text;
}
