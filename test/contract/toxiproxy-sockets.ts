import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Arrival {
  readonly atMs: number;
  readonly data: Buffer;
}

/** A socket that remembers what it received and when, and how it ended. */
export class Wire implements Disposable {
  readonly socket: Socket;
  readonly arrivals: Arrival[] = [];
  /** Undefined while open; an error code where there was one. */
  ending: 'fin' | (string & {}) | undefined;
  endedAtMs = 0;
  #bytes = 0;
  #wake: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => {
      this.arrivals.push({ atMs: performance.now(), data });
      this.#bytes += data.length;
      this.#notify();
    });
    socket.on('end', () => this.#end('fin'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? error.message));
    socket.on('close', () => this.#end('closed'));
  }

  static async open(address: string): Promise<Wire> {
    const colon = address.lastIndexOf(':');
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), allowHalfOpen: true });
    await once(socket, 'connect');
    return new Wire(socket);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.arrivals.map((arrival) => arrival.data));
  }

  get byteCount(): number {
    return this.#bytes;
  }

  write(data: string | Buffer): void {
    this.socket.write(data);
  }

  async received(byteCount: number): Promise<Buffer> {
    await this.#until(() => this.#bytes >= byteCount || this.ending !== undefined);
    if (this.#bytes < byteCount) throw new Error(`ended (${this.ending}) after ${this.#bytes} of ${byteCount} bytes`);
    return this.bytes;
  }

  /** 'fin', or the error code: ECONNRESET for an RST. */
  async ended(): Promise<string> {
    await this.#until(() => this.ending !== undefined);
    return this.ending as string;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #end(how: string): void {
    if (this.ending !== undefined) return;
    this.ending = how;
    this.endedAtMs = performance.now();
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #until(condition: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + 10_000;
    while (!condition()) {
      if (performance.now() > deadlineMs) throw new Error(`nothing more came for 10 s; ${this.#bytes} bytes so far`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

/** A TCP server on loopback that keeps a wire for each connection, in order. */
export class Upstream implements AsyncDisposable {
  readonly address: string;
  readonly wires: Wire[] = [];
  readonly #server: Server;
  #wake: (() => void)[] = [];

  private constructor(server: Server, echo: boolean) {
    this.#server = server;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket: Socket) => {
      if (echo) socket.pipe(socket);
      this.wires.push(new Wire(socket));
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  static async start(options: { echo?: boolean } = {}): Promise<Upstream> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Upstream(server, options.echo ?? false);
  }

  /** The wire of the connection with this index, waiting for it to come. */
  async wire(index: number): Promise<Wire> {
    for (;;) {
      const wire = this.wires[index];
      if (wire !== undefined) return wire;
      await new Promise<void>((resolve) => void this.#wake.push(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const wire of this.wires) wire.socket.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}

/** The error code of a connection attempt; 'connected' when it was accepted. */
export async function tryConnect(address: string): Promise<string> {
  try {
    const wire = await Wire.open(address);
    wire.socket.destroy();
    return 'connected';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** A port of loopback on which nobody listens. */
export async function unusedAddress(): Promise<string> {
  await using server = await Upstream.start();
  return server.address;
}
