import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '../../../core/clock.ts';
import { StatementNames } from './statement-names.ts';
import type { Turn, Turns } from './turns.ts';
import {
  authenticationOk, backendKeyData, closeStatement, encodeMessage, errorResponse, negotiateProtocolVersion, readOpening, readyForQuery, sync,
  type TransactionStatus, type WireMessage,
} from './wire.ts';

export interface SessionHost {
  readonly turns: Turns;
  readonly clock: Clock;
  readonly parameterStatuses: readonly Buffer[];
  /** Room for one more; asked once a session, when its startup message has come. */
  admit(session: Session): boolean;
  cancel(processId: number, secret: number): void;
  closed(session: Session): void;
}

/** What a client may send at once; libpq's own limit is 1 GB, which would be all of the engine's memory. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

const FLUSH = 'H'.charCodeAt(0);

/** For sending a startup message, as authentication_timeout. */
const STARTUP_TIMEOUT_MS = 60_000;

/** In place of data for COPY FROM STDIN, which the engine would otherwise wait for, for ever. Ignored where there is none. */
const copyRefusal = encodeMessage('f', Buffer.from('the embedded PostgreSQL takes no data this way; use INSERT\0'));

/**
 * One client. Its messages are gathered up to the next Query, Sync or Flush and handed over as one turn, so that
 * the unnamed statement and portal, which the engine has only once, are never another client's in between.
 */
export class Session {
  readonly processId: number;
  readonly secret: number;
  readonly #host: SessionHost;
  readonly #socket: Socket;
  readonly #names: StatementNames;
  #received: Buffer = Buffer.alloc(0);
  #started = false;
  #closed = false;
  #batch: Buffer[] = [];
  #turn: Turn | undefined;
  readonly #later: Buffer[] = [];
  #status: TransactionStatus = 'I';
  #mayCopy = false;
  #statementTimeoutMs = 0;
  #cancelTimer: CancelTimer = () => undefined;

  constructor(host: SessionHost, socket: Socket, processId: number, secret: number) {
    this.#host = host;
    this.#socket = socket;
    this.processId = processId;
    this.secret = secret;
    this.#names = new StatementNames(processId);
    this.#cancelTimer = host.clock.setTimer(STARTUP_TIMEOUT_MS, () => this.terminate('08P01', 'no startup message within a minute'), { keepAlive: false });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A reset is how clients die; 'close' follows and does the work.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#onClose());
  }

  /** Ends the connection with an error that says why. */
  terminate(sqlState: string, message: string, hint?: string): void {
    if (this.#closed) return;
    this.#socket.end(errorResponse('FATAL', sqlState, message, hint));
    this.#onClose();
  }

  /** Takes a statement that still waits for its turn back, as CancelRequest and statement_timeout ask for. */
  cancelWaiting(reason: 'user request' | 'statement timeout'): void {
    const turn = this.#turn;
    // After Flush the client expects no ReadyForQuery: such a turn is left to run.
    if (turn === undefined || turn.messages.at(-5) === FLUSH || !this.#host.turns.withdraw(turn)) return;
    this.#cancelTimer();
    this.#turn = undefined;
    this.#socket.write(Buffer.concat([errorResponse('ERROR', '57014', `canceling statement due to ${reason}`), readyForQuery(this.#status)]));
    this.#next();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (!this.#closed) {
      // The first message of a connection has no type byte.
      const lengthAt = this.#started ? 1 : 0;
      if (this.#received.length < lengthAt + 4) return;
      const length = this.#received.readInt32BE(lengthAt);
      if (length < 4 || length > MAX_MESSAGE_BYTES) return this.terminate('08P01', `invalid message length ${length}, at most ${MAX_MESSAGE_BYTES} bytes are taken`);
      const end = lengthAt + length;
      if (this.#received.length < end) return;
      const bytes = this.#received.subarray(0, end);
      this.#received = this.#received.subarray(end);
      if (this.#started) this.#onMessage({ type: String.fromCharCode(bytes[0] as number), bytes });
      else this.#onOpening(bytes);
    }
  }

  #onOpening(bytes: Buffer): void {
    const opening = readOpening(bytes);
    switch (opening.kind) {
      case 'encryption':
        this.#socket.write('N');
        return;
      case 'cancel':
        this.#host.cancel(opening.processId, opening.secret);
        this.#socket.end();
        return;
      case 'unsupported':
        return this.terminate('0A000', `unsupported frontend protocol ${opening.version}: server supports 3.0`);
      case 'startup':
        return this.#onStartup(opening.minorVersion, opening.parameters);
    }
  }

  #onStartup(minorVersion: number, parameters: Readonly<Record<string, string>>): void {
    if (!this.#host.admit(this)) return this.terminate('53300', 'sorry, too many clients already', 'Use a smaller connection pool.');
    this.#started = true;
    this.#cancelTimer();
    this.#statementTimeoutMs = Number.parseInt(parameters['statement_timeout'] ?? '0', 10) || 0;
    const unknownOptions = Object.keys(parameters).filter((name) => name.startsWith('_pq_.'));
    this.#socket.write(
      Buffer.concat([
        ...(minorVersion > 0 || unknownOptions.length > 0 ? [negotiateProtocolVersion(unknownOptions)] : []),
        authenticationOk(),
        ...this.#host.parameterStatuses,
        backendKeyData(this.processId, this.secret),
        readyForQuery('I'),
      ]),
    );
  }

  #onMessage(message: WireMessage): void {
    const { type, bytes } = message;
    switch (type) {
      case 'X':
        this.#socket.end();
        return this.#onClose();
      // Data of a COPY that has been refused already.
      case 'd':
      case 'c':
      case 'f':
        return;
      case 'Q':
      case 'P':
        this.#mayCopy ||= /stdin/i.test(bytes.toString('latin1'));
        break;
      default:
    }
    this.#batch.push(this.#names.translate(message));
    if (this.#mayCopy && (type === 'Q' || type === 'E')) this.#batch.push(copyRefusal);
    if (type !== 'Q' && type !== 'S' && type !== 'H' && type !== 'F') return;
    this.#later.push(Buffer.concat(this.#batch));
    this.#batch = [];
    this.#next();
  }

  /** One turn at a time: a client's own statements keep their order. */
  #next(): void {
    const messages = this.#turn === undefined && !this.#closed ? this.#later.shift() : undefined;
    if (messages === undefined) return;
    this.#turn = { owner: this, messages, done: (output, status) => this.#onDone(output, status) };
    this.#host.turns.add(this.#turn);
    if (this.#statementTimeoutMs > 0) {
      this.#cancelTimer = this.#host.clock.setTimer(this.#statementTimeoutMs, () => this.cancelWaiting('statement timeout'));
    }
  }

  #onDone(output: Buffer, status: TransactionStatus | undefined): void {
    this.#cancelTimer();
    this.#turn = undefined;
    this.#status = status ?? this.#status;
    if (!this.#closed && output.length > 0) this.#socket.write(output);
    this.#next();
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer();
    this.#host.turns.leave(this);
    if (this.#names.prepared.size > 0) {
      const messages = Buffer.concat([...[...this.#names.prepared].map(closeStatement), sync]);
      this.#host.turns.add({ owner: this, messages, done: () => undefined });
    }
    this.#host.closed(this);
  }
}
