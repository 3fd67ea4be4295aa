import type { Socket } from 'node:net';
import { asError } from '../../../core/errors.ts';
import type { BrokerState } from './broker-state.ts';
import { MalformedRequest } from './error-codes.ts';
import { API_VERSIONS_KEY, writeUnsupportedApiVersions } from './messages/api-versions.ts';
import { FrameSplitter } from './protocol/frame-splitter.ts';
import type { Message, RequestContext } from './protocol/message.ts';
import { Reader } from './protocol/reader.ts';
import { Writer } from './protocol/writer.ts';

/** A client that pipelines more than this behind a request under way is read no further for the time being. */
const MAX_PIPELINED_BYTES = 1024 * 1024;

export interface ConnectionOptions {
  readonly broker: BrokerState;
  readonly messages: ReadonlyMap<number, Message>;
  readonly advertised: () => { readonly host: string; readonly port: number };
  /** Told of what ended the connection, unless the client ended it. */
  readonly onFailure: (error: Error) => void;
}

/**
 * One client. Requests are carried out one at a time and answered in the order they came, as the
 * protocol demands; the next one starts when the answer to the one before has been taken by the socket.
 *
 * Request  => length INT32, api_key INT16, api_version INT16, correlation_id INT32, client_id NULLABLE_STRING, message
 * Response => length INT32, correlation_id INT32, message
 */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #frames = new FrameSplitter();
  readonly #closed = new AbortController();
  readonly #clientHost: string;
  #busy = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#clientHost = `/${socket.remoteAddress ?? ''}`;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#resume());
    // A reset is one of the ways in which clients leave; `close` follows and does all there is to do.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed.abort());
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#frames.push(chunk);
    this.#serveBuffered();
    if (this.#busy && this.#frames.bufferedBytes > MAX_PIPELINED_BYTES) this.#socket.pause();
  }

  #resume(): void {
    this.#serveBuffered();
    if (!this.#busy && this.#socket.isPaused()) this.#socket.resume();
  }

  #serveBuffered(): void {
    try {
      while (!this.#busy && !this.#socket.writableNeedDrain && !this.#socket.destroyed) {
        const frame = this.#frames.next();
        if (frame === undefined) return;
        this.#serve(frame);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #serve(frame: Buffer): void {
    const { broker, messages } = this.#options;
    const reader = new Reader(frame);
    const apiKey = reader.int16();
    const version = reader.int16();
    const writer = new Writer().int32(reader.int32());
    const clientId = reader.nullableString() ?? '';
    const message = messages.get(apiKey);
    if (message === undefined || version < message.minVersion || version > message.maxVersion) {
      if (apiKey !== API_VERSIONS_KEY) throw new MalformedRequest(`Kafka request of a kind that this broker does not answer: API key ${apiKey}, version ${version}, client ${clientId}.`);
      writeUnsupportedApiVersions(writer, broker.apis);
      return this.#send(writer);
    }
    const context: RequestContext = {
      broker,
      clientId,
      clientHost: this.#clientHost,
      advertised: this.#options.advertised(),
      signal: this.#closed.signal,
      disconnect: () => this.destroy(),
    };
    const served = message.serve(reader, version, context, writer);
    if (typeof served === 'boolean') {
      if (served) this.#send(writer);
      return undefined;
    }
    this.#busy = true;
    void served.then(
      (hasAnswer) => {
        this.#busy = false;
        if (hasAnswer) this.#send(writer);
        this.#resume();
      },
      (error: unknown) => this.#fail(error),
    );
    return undefined;
  }

  #send(writer: Writer): void {
    if (this.#socket.destroyed) return;
    const pieces = writer.finish();
    if (pieces.length > 1) this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    if (pieces.length > 1) this.#socket.uncork();
  }

  #fail(error: unknown): void {
    this.destroy();
    this.#options.onFailure(asError(error));
  }
}
