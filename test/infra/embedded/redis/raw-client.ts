import { connect, type Socket } from 'node:net';

/** A reply as the wire has it: the type is kept, since `+OK` and `$2 OK` are different answers. */
export type WireReply = { kind: '+' | '-' | '$'; text: string } | { kind: ':'; text: string } | { kind: 'null$' | 'null*' } | { kind: '*'; items: WireReply[] };

const REPLY_DEADLINE_MS = 15_000;

export function encodeRequest(request: readonly string[]): string {
  return `*${request.length}\r\n${request.map((argument) => `$${argument.length}\r\n${argument}\r\n`).join('')}`;
}

/** Reads RESP2 from a text of one character a byte; undefined while it is incomplete. */
function parse(text: string, at: number): [WireReply, number] | undefined {
  const end = text.indexOf('\r\n', at);
  if (end < 0) return undefined;
  const kind = text[at];
  const line = text.slice(at + 1, end);
  const next = end + 2;
  if (kind === '+' || kind === '-' || kind === ':') return [{ kind, text: line }, next];
  const length = Number(line);
  if (kind === '$') {
    if (length < 0) return [{ kind: 'null$' }, next];
    if (text.length < next + length + 2) return undefined;
    return [{ kind, text: text.slice(next, next + length) }, next + length + 2];
  }
  if (kind !== '*') throw new Error(`not a RESP2 reply: ${JSON.stringify(text.slice(at, at + 40))}`);
  if (length < 0) return [{ kind: 'null*' }, next];
  const items: WireReply[] = [];
  let position = next;
  for (let index = 0; index < length; index++) {
    const item = parse(text, position);
    if (item === undefined) return undefined;
    items.push(item[0]);
    position = item[1];
  }
  return [{ kind, items }, position];
}

/** The complete replies in what was received. */
export function readReplies(received: string): WireReply[] {
  const found: WireReply[] = [];
  for (let parsed = parse(received, 0); parsed !== undefined; parsed = parse(received, parsed[1])) found.push(parsed[0]);
  return found;
}

/** A socket that sends bytes as they are and gives replies as they come. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  #received = '';
  #closed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  write(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }

  async replies(count: number): Promise<WireReply[]> {
    const found: WireReply[] = [];
    while (found.length < count) {
      const parsed = parse(this.#received, 0);
      if (parsed !== undefined) {
        found.push(parsed[0]);
        this.#received = this.#received.slice(parsed[1]);
        continue;
      }
      if (this.#closed) throw new Error(`closed after ${found.length} of ${count} replies, the rest being ${JSON.stringify(this.#received)}`);
      await this.#more(`reply ${found.length + 1} of ${count}`);
    }
    return found;
  }

  /** Sends requests in one piece and gives their replies. */
  async ask(requests: readonly (readonly string[])[]): Promise<WireReply[]> {
    this.write(requests.map(encodeRequest).join(''));
    return this.replies(requests.length);
  }

  /** Everything that came until the other side closed. */
  async untilClosed(): Promise<string> {
    while (!this.#closed) await this.#more('the end of the connection');
    return this.#received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    while (!this.#closed) await this.#more('the socket to close');
  }

  #more(what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited ${REPLY_DEADLINE_MS} ms for ${what}`)), REPLY_DEADLINE_MS);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
    });
  }
}
