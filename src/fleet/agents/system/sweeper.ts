import type { CancelTimer, Clock } from '../../../core/clock.ts';

/** Runs one piece of work now and then, one at a time; what is asked for during one run is done right after it. */
export class Sweeper {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #work: () => Promise<void>;
  #cancelTimer: CancelTimer = () => undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  /** @param work must not reject */
  constructor(clock: Clock, everyMs: number, work: () => Promise<void>) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#work = work;
  }

  /** The first call begins it; later ones bring the next run forward. */
  now(): void {
    this.#arm(0);
  }

  /** Begins no run any more, and waits for the one under way until `signal` aborts. */
  async stop(signal?: AbortSignal): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    const waiting = new AbortController();
    const gone = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true, signal: waiting.signal }));
    await Promise.race([this.#running, ...(signal === undefined ? [] : [gone])]);
    waiting.abort();
  }

  #arm(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => this.#run());
  }

  #run(): void {
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      this.#arm(this.#again ? 0 : this.#everyMs);
      this.#again = false;
    });
  }
}
