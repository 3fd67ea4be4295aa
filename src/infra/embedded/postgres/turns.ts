import type { CancelTimer, Clock } from '../../../core/clock.ts';
import type { Engine } from './engine.ts';
import { finalStatus, simpleQuery, sync, type TransactionStatus } from './wire.ts';

/** One batch of frontend messages, carried out without anybody's in between. */
export interface Turn {
  /** Whose it is; keeps the engine for itself while its transaction is open. */
  readonly owner: object;
  readonly messages: Buffer;
  /** The engine's answer. `status` is undefined after a batch that ends with Flush: then, too, the owner keeps the engine. */
  done(output: Buffer, status: TransactionStatus | undefined): void;
}

export interface TurnsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** How long an owner may keep the engine without using it. */
  readonly idleInTransactionTimeoutMs: number;
  /** The owner has kept the engine for too long; its transaction has been rolled back. */
  readonly onIdleTooLong: (owner: object) => void;
  /** The engine is gone; nothing will be carried out any more. */
  readonly onEngineLost: (error: unknown) => void;
}

/** Input after which the write-ahead log is cut: single-user PostgreSQL never does that by itself. */
const CHECKPOINT_BYTES = 2 * 1024 * 1024;
const CHECKPOINT_TURNS = 5000;
/** Nor does it vacuum. */
const CHECKPOINTS_PER_VACUUM = 8;

/**
 * Deals the one engine out to many connections: first come, first served, but what belongs to one transaction
 * runs without another connection's work in between, as if each of them held a lock on everything.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #waiting: Turn[] = [];
  #holder: object | undefined;
  #cancelIdleTimer: CancelTimer = () => undefined;
  #scheduled = false;
  #stopped = false;
  #bytesSinceCheckpoint = 0;
  #turnsSinceCheckpoint = 0;
  #checkpoints = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  add(turn: Turn): void {
    this.#waiting.push(turn);
    this.#schedule();
  }

  /** Takes a turn back; false where it has been carried out already. */
  withdraw(turn: Turn): boolean {
    const index = this.#waiting.indexOf(turn);
    if (index !== -1) this.#waiting.splice(index, 1);
    return index !== -1;
  }

  /** The owner is gone: its turns are dropped, its open transaction is rolled back. */
  leave(owner: object): void {
    for (let index = this.#waiting.length - 1; index >= 0; index--) if (this.#waiting[index]?.owner === owner) this.#waiting.splice(index, 1);
    if (this.#holder === owner) this.#rollBack();
  }

  /** Nothing is carried out after this. */
  stop(): void {
    this.#stopped = true;
    this.#cancelIdleTimer();
    this.#waiting.length = 0;
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped || this.#nextIndex() === -1) return;
    this.#scheduled = true;
    // One turn an iteration of the event loop: sockets are served in between.
    setImmediate(() => {
      this.#scheduled = false;
      this.#runNext();
      this.#schedule();
    });
  }

  #nextIndex(): number {
    return this.#waiting.findIndex(({ owner }) => this.#holder === undefined || owner === this.#holder);
  }

  #runNext(): void {
    const index = this.#nextIndex();
    const turn = this.#stopped || index === -1 ? undefined : this.#waiting.splice(index, 1)[0];
    if (turn === undefined) return;
    this.#cancelIdleTimer();
    const output = this.#execute(turn.messages);
    if (output === undefined) return;
    const status = finalStatus(output);
    this.#holder = status === 'I' ? undefined : turn.owner;
    if (this.#holder !== undefined) {
      const holder = this.#holder;
      this.#cancelIdleTimer = this.#options.clock.setTimer(this.#options.idleInTransactionTimeoutMs, () => {
        this.#rollBack();
        this.#options.onIdleTooLong(holder);
      });
    }
    turn.done(output, status);
    if (this.#holder === undefined) this.#maintain();
  }

  /** The sync ends a pipeline that was left open, which would swallow the rollback. */
  #rollBack(): void {
    this.#cancelIdleTimer();
    this.#holder = undefined;
    this.#execute(Buffer.concat([sync, simpleQuery('ROLLBACK')]));
    this.#schedule();
  }

  #maintain(): void {
    if (this.#bytesSinceCheckpoint < CHECKPOINT_BYTES && this.#turnsSinceCheckpoint < CHECKPOINT_TURNS) return;
    this.#bytesSinceCheckpoint = 0;
    this.#turnsSinceCheckpoint = 0;
    this.#checkpoints++;
    if (this.#checkpoints % CHECKPOINTS_PER_VACUUM === 0) this.#execute(simpleQuery('VACUUM ANALYZE'));
    this.#execute(simpleQuery('CHECKPOINT'));
  }

  #execute(messages: Buffer): Buffer | undefined {
    if (this.#stopped) return undefined;
    this.#bytesSinceCheckpoint += messages.length;
    this.#turnsSinceCheckpoint++;
    try {
      return this.#options.engine.execute(messages);
    } catch (error) {
      this.stop();
      this.#options.onEngineLost(error);
      return undefined;
    }
  }
}
