import type { CancelTimer, Clock } from '../../core/clock.ts';

/** 15 frames a second at most: more is not seen, and every frame costs. */
const shortestMs = 1_000 / 15;
/** A screen that can hardly be painted is still painted twice a second. */
const longestMs = 500;
/** Painting may take a twelfth of a core, which leaves room below a tenth for what is not seen here: keys, folding, timers. */
const shareOfCore = 12;
/** Clocks on the screen show whole seconds. */
const idleMs = 1_000;

export interface FramePacerOptions {
  readonly clock: Clock;
  readonly paint: () => void;
  /** Something moves by itself, see ScreenSource. */
  readonly isMoving: () => boolean;
  /** Time that this process has worked so far: what it had to wait for a core on a busy machine costs nobody anything. */
  readonly workedMs: () => number;
}

/**
 * Decides when a frame is painted: soon after something has changed, at most 15 times a second, and so
 * seldom that painting takes no more than a twelfth of a core on the machine as it is now. Where nothing
 * changes and clocks run, once a second; where they do not, never.
 */
export class FramePacer {
  readonly #options: FramePacerOptions;
  #cancel: CancelTimer | undefined;
  /** When the pending frame is due; Infinity where none is. */
  #dueAtMs = Number.POSITIVE_INFINITY;
  #paintedAtMs = Number.NEGATIVE_INFINITY;
  /** Of one frame, as the last few went. */
  #costMs = 0;
  #stopped = false;

  constructor(options: FramePacerOptions) {
    this.#options = options;
  }

  /** Something has changed. */
  request(): void {
    this.#schedule(this.#paintedAtMs + Math.min(longestMs, Math.max(shortestMs, this.#costMs * shareOfCore)));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #schedule(atMs: number): void {
    if (this.#stopped || atMs >= this.#dueAtMs) return;
    this.#cancel?.();
    const { clock } = this.#options;
    this.#dueAtMs = Math.max(atMs, clock.monotonicMs());
    // Never at once: what comes in a burst goes into one frame.
    this.#cancel = clock.setTimer(Math.max(0, atMs - clock.monotonicMs()), () => this.#paint());
  }

  #paint(): void {
    const { clock, paint, isMoving, workedMs } = this.#options;
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    const beganAtMs = clock.monotonicMs();
    this.#paintedAtMs = beganAtMs;
    const workedBeforeMs = workedMs();
    paint();
    const tookMs = workedMs() - workedBeforeMs;
    this.#costMs = this.#costMs === 0 ? tookMs : this.#costMs * 0.8 + tookMs * 0.2;
    if (isMoving()) this.#schedule(beganAtMs + idleMs);
  }
}
