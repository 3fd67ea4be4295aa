/**
 * PostgreSQL frontend/backend protocol 3.0, message formats as in its documentation, chapter "Frontend/Backend Protocol".
 * A message is: type (1 byte), length (Int32, itself included), body. The first one of a connection has no type.
 */
export interface WireMessage {
  readonly type: string;
  /** With type and length. */
  readonly bytes: Buffer;
}

/** The complete messages in `bytes`. */
export function readMessages(bytes: Buffer): WireMessage[] {
  const messages: WireMessage[] = [];
  for (let offset = 0; offset + 5 <= bytes.length; ) {
    const end = offset + 1 + bytes.readInt32BE(offset + 1);
    if (end > bytes.length) break;
    messages.push({ type: String.fromCharCode(bytes[offset] as number), bytes: bytes.subarray(offset, end) });
    offset = end;
  }
  return messages;
}

export function encodeMessage(type: string, ...body: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 'latin1');
  header.writeInt32BE(4 + body.reduce((sum, part) => sum + part.length, 0), 1);
  return Buffer.concat([header, ...body]);
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function authenticationOk(): Buffer {
  return encodeMessage('R', int32(0));
}

export function backendKeyData(processId: number, secret: number): Buffer {
  return encodeMessage('K', int32(processId), int32(secret));
}

/** I = idle, T = in a transaction, E = in a transaction that failed. */
export type TransactionStatus = 'I' | 'T' | 'E';

export function readyForQuery(status: TransactionStatus): Buffer {
  return encodeMessage('Z', Buffer.from(status));
}

/** Sent to clients of a later minor version, or with options of it: 3.0 it is, without them. */
export function negotiateProtocolVersion(unknownOptions: readonly string[]): Buffer {
  return encodeMessage('v', int32(0), int32(unknownOptions.length), ...unknownOptions.map(cString));
}

export function errorResponse(severity: 'ERROR' | 'FATAL', sqlState: string, message: string, hint?: string): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${sqlState}`, `M${message}`, ...(hint === undefined ? [] : [`H${hint}`])];
  return encodeMessage('E', ...fields.map(cString), Buffer.from([0]));
}

export function simpleQuery(sql: string): Buffer {
  return encodeMessage('Q', cString(sql));
}

export function closeStatement(name: string): Buffer {
  return encodeMessage('C', Buffer.from('S'), cString(name));
}

export const sync = encodeMessage('S');

/** The last ReadyForQuery in what the engine sent, where it ends with one. */
export function finalStatus(output: Buffer): TransactionStatus | undefined {
  if (output.length < 6 || output[output.length - 6] !== 0x5a || output.readInt32BE(output.length - 5) !== 5) return undefined;
  return String.fromCharCode(output[output.length - 1] as number) as TransactionStatus;
}

const PROTOCOL_3_0 = 196608;

/** Length, version, name and value of each parameter ended by a zero byte, and a zero byte. */
export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.concat([int32(PROTOCOL_3_0), ...Object.entries(parameters).flat().map(cString), Buffer.from([0])]);
  return Buffer.concat([int32(body.length + 4), body]);
}

/** What opens a connection: a startup message, or one of the requests that stand in its place. */
export type Opening =
  | { readonly kind: 'startup'; readonly minorVersion: number; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: number }
  | { readonly kind: 'encryption' }
  | { readonly kind: 'unsupported'; readonly version: string };

const CANCEL_REQUEST = 80877102;
const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;

/** `bytes`: length and body of the message without a type. */
export function readOpening(bytes: Buffer): Opening {
  const code = bytes.length >= 8 ? bytes.readInt32BE(4) : 0;
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption' };
  if (code === CANCEL_REQUEST && bytes.length >= 16) return { kind: 'cancel', processId: bytes.readInt32BE(8), secret: bytes.readInt32BE(12) };
  const [major, minor] = [code >>> 16, code & 0xffff];
  if (major !== 3) return { kind: 'unsupported', version: `${major}.${minor}` };
  const words = bytes.subarray(8).toString('utf8').split('\0');
  const parameters: Record<string, string> = {};
  for (let index = 0; index + 1 < words.length && words[index] !== ''; index += 2) parameters[words[index] as string] = words[index + 1] as string;
  return { kind: 'startup', minorVersion: minor, parameters };
}
