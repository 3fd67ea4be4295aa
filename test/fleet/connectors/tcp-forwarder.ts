import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/**
 * A port in front of a server that can go bad: `silent` keeps its connections open and passes nothing
 * on (a half-open line: no FIN, no RST, no data), `refuse` closes the port and resets what is open.
 */
export class TcpForwarder implements AsyncDisposable {
  readonly port: number;
  /** Connections accepted so far. */
  accepted = 0;
  /** First bytes of each connection, as the client sent them. */
  readonly openings: Buffer[] = [];
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #silent = false;
  #rejecting = false;
  #deaf = false;
  #garble: ((chunk: Buffer) => Buffer) | undefined;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as { port: number }).port;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async to(target: number): Promise<TcpForwarder> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpForwarder(server, target);
  }

  get open(): number {
    return this.#sockets.size / 2;
  }

  /** From now on nothing goes through, on old connections and new ones. */
  silence(): void {
    this.#silent = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** From now on requests go through and answers are lost. */
  loseAnswers(lose: boolean): void {
    this.#deaf = lose;
  }

  /** From now on the server says something else than it does; undefined = no longer. */
  garble(garble: ((chunk: Buffer) => Buffer) | undefined): void {
    this.#garble = garble;
  }

  /** Lets new connections through; those that were silenced are reset. */
  unsilence(): void {
    this.#silent = false;
    this.reset();
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async refuse(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.reset();
    await closed;
  }

  /** Resets what is open and whatever comes: as good as `refuse`, but nobody else can take the port meanwhile. */
  rejectAll(): void {
    this.#rejecting = true;
    this.reset();
  }

  /** Undoes `refuse`, `rejectAll` and `silence`. */
  async listenAgain(): Promise<void> {
    this.#rejecting = false;
    if (this.#silent) this.unsilence();
    if (this.#server.listening) return;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.refuse();
    this.reset();
  }

  #accept(client: Socket): void {
    this.accepted++;
    if (this.#rejecting) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(this.#target, '127.0.0.1');
    client.once('data', (chunk: Buffer) => this.openings.push(chunk));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (!this.#silent) other.destroy();
      });
      socket.on('data', (chunk) => {
        if (this.#silent || (this.#deaf && socket === upstream)) return;
        other.write(socket === upstream && this.#garble !== undefined ? this.#garble(chunk) : chunk);
      });
      socket.on('end', () => {
        if (!this.#silent) other.end();
      });
      if (this.#silent) socket.pause();
    }
  }
}
