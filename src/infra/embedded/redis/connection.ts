import type { Socket } from 'node:net';
import { contextOf, execute } from './executor.ts';
import type { CommandContext } from './commands/command.ts';
import { encodeReply, ErrorReply, type Reply } from './protocol/reply.ts';
import { ProtocolError, RequestParser } from './protocol/request-parser.ts';
import type { ServerState } from './server-state.ts';
import { Session, type SessionTransport } from './session.ts';

/** A subscriber that does not read is cut off, as `client-output-buffer-limit pubsub 32mb` does. */
const SUBSCRIBER_BACKLOG_BYTES = 32 * 1024 * 1024;

/** One client's socket: requests in, replies out in order. */
export class Connection implements SessionTransport {
  readonly session: Session;
  readonly #socket: Socket;
  readonly #parser = new RequestParser();
  readonly #context: CommandContext;
  #output = '';
  #flushScheduled = false;
  #ending = false;
  /** Guards against `resume` from inside a command that this connection is running. */
  #processing = false;

  constructor(server: ServerState, socket: Socket) {
    this.#socket = socket;
    const now = server.clock.now();
    this.session = new Session(server.nextSessionId(), this, server.databases[0] as (typeof server.databases)[number], now);
    this.#context = contextOf(server, this.session);
    server.sessions.set(this.session.id, this.session);
    server.statistics.connections++;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#parser.push(chunk);
      this.resume();
    });
    // A reset by the client is how many clients leave; 'close' follows and cleans up.
    socket.on('error', () => undefined);
    socket.on('close', () => server.drop(this.session));
  }

  get remoteAddress(): string {
    return `${this.#socket.remoteAddress ?? ''}:${this.#socket.remotePort ?? 0}`;
  }

  get localAddress(): string {
    return `${this.#socket.localAddress ?? ''}:${this.#socket.localPort ?? 0}`;
  }

  /** Replies of one turn of the event loop leave in one write. */
  send(reply: Reply): void {
    const { session } = this;
    if (session.replies !== 'on' && !session.isSubscriber) return;
    this.#write(encodeReply(reply));
  }

  resume(): void {
    if (this.#processing) return;
    this.#processing = true;
    try {
      while (!this.#ending && this.session.blocked === undefined) {
        const request = this.#parser.next();
        if (request === undefined) break;
        this.send(execute(this.#context, request));
        this.#endSkip();
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#write(encodeReply(ErrorReply.of(`ERR Protocol error: ${error.message}`)));
      this.end();
    } finally {
      this.#processing = false;
    }
  }

  end(): void {
    this.#ending = true;
    this.#scheduleFlush();
  }

  destroy(): void {
    this.#ending = true;
    this.#socket.destroy();
  }

  /** CLIENT REPLY SKIP leaves out its own reply and the next command's. */
  #endSkip(): void {
    const { session } = this;
    if (session.replies === 'skip-next') session.replies = 'skip';
    else if (session.replies === 'skip') session.replies = 'on';
  }

  #write(encoded: string): void {
    if (encoded === '') return;
    this.#output += encoded;
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      const output = this.#output;
      this.#output = '';
      if (this.#socket.destroyed) return;
      if (output !== '') this.#socket.write(output, 'latin1');
      if (this.#ending) this.#socket.end();
      else if (this.session.isSubscriber && this.#socket.writableLength > SUBSCRIBER_BACKLOG_BYTES) this.#socket.destroy();
    });
  }
}
