import { raceAbort } from '../../core/abort.ts';
import type { CancelTimer, Clock } from '../../core/clock.ts';
import { Emitter, type Unsubscribe } from '../../core/emitter.ts';
import { asError } from '../../core/errors.ts';
import type { Logger } from '../agents/services.ts';
import type { DependencyState } from './call.ts';

export interface DependencyWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** As in events and log lines: `redis`. */
  readonly name: string;
  /** One cheap question to the service; resolves if it is there. Its signal aborts at the timeout and at close. */
  probe(signal: AbortSignal): Promise<void>;
  /** @default 2000 */
  readonly probeTimeoutMs?: number;
  /** Time between probes while the service is up. @default 2000 */
  readonly upIntervalMs?: number;
  /** Time between probes while it is down. @default 500 */
  readonly downIntervalMs?: number;
  /** Probes in a row that must fail before a service that was up counts as down: one slow answer is no outage. @default 2 */
  readonly failuresToDown?: number;
}

/**
 * Keeps the state of one external service from a probe at intervals and from what its users tell.
 * Assumed up until something says otherwise. Its timers never hold the process.
 */
export class DependencyWatch {
  readonly #options: Required<DependencyWatchOptions>;
  readonly #emitter: Emitter<DependencyState>;
  #state: DependencyState = { up: true };
  #failures = 0;
  #cancelTimer: CancelTimer = () => undefined;
  #probing: AbortController | undefined;
  #again = false;
  #started = false;
  #closed = false;

  constructor(options: DependencyWatchOptions) {
    this.#options = { probeTimeoutMs: 2_000, upIntervalMs: 2_000, downIntervalMs: 500, failuresToDown: 2, ...options };
    this.#emitter = new Emitter((error) => options.logger.warn('a listener of a dependency state failed', { dependency: options.name, error }));
  }

  get state(): DependencyState {
    return this.#state;
  }

  onStateChange(listener: (state: DependencyState) => void): Unsubscribe {
    return this.#emitter.on(listener);
  }

  /** Probes at once, then at intervals until `close`. A second call does nothing. */
  start(): void {
    if (this.#started || this.#closed) return;
    this.#started = true;
    this.#run();
  }

  /** Something failed that the service may be to blame for: probes now instead of at the next interval. */
  nudge(): void {
    if (!this.#started || this.#closed) return;
    if (this.#probing !== undefined) {
      this.#again = true;
      return;
    }
    this.#cancelTimer();
    this.#run();
  }

  /** Known to answer. */
  up(): void {
    this.#failures = 0;
    if (this.#closed || this.#state.up) return;
    this.#change({ up: true });
  }

  /** Known to be gone; why, in one sentence. */
  down(reason: string): void {
    if (this.#closed || !this.#state.up) return;
    this.#change({ up: false, sinceMs: this.#options.clock.now(), reason });
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
    this.#probing?.abort(new Error(`watching ${this.#options.name} has ended`));
  }

  #run(): void {
    const { clock, name, probeTimeoutMs } = this.#options;
    const controller = new AbortController();
    this.#probing = controller;
    const cancelTimeout = clock.setTimer(probeTimeoutMs, () => controller.abort(new Error(`${name} gave no answer within ${probeTimeoutMs} ms`)), { keepAlive: false });
    raceAbort(this.#options.probe(controller.signal), controller.signal)
      .then(
        () => this.up(),
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        cancelTimeout();
        this.#probing = undefined;
        this.#schedule();
      })
      // Only a listener could throw here, and the emitter keeps those away.
      .catch((error: unknown) => this.#options.logger.error('watching a dependency failed', { dependency: name, error }));
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    this.#failures += 1;
    if (this.#failures >= this.#options.failuresToDown) this.down(asError(error).message);
    // The second opinion should not take a whole interval.
    else this.#again = true;
  }

  #schedule(): void {
    if (this.#closed) return;
    const { clock, downIntervalMs, upIntervalMs } = this.#options;
    const delayMs = this.#again ? Math.min(100, downIntervalMs) : this.#state.up ? upIntervalMs : downIntervalMs;
    this.#again = false;
    this.#cancelTimer = clock.setTimer(delayMs, () => this.#run(), { keepAlive: false });
  }

  #change(state: DependencyState): void {
    this.#state = state;
    const { logger, name } = this.#options;
    if (state.up) logger.info('dependency is back', { dependency: name });
    else logger.warn('dependency is down', { dependency: name, reason: state.reason });
    this.#emitter.emit(state);
  }
}
