import type { CancelTimer, Clock } from '../../core/clock.ts';

/** 15 frames a second at most: more is not seen, and every frame costs. */
const shortestMs = 1_000 / 15;
/** A screen that can hardly be painted is still painted twice a second. */
const longestMs = 500;
/** Painting may take a tenth of the time. */
const shareOfTime = 10;
/** Clocks on the screen show whole seconds. */
const idleMs = 1_000;

export interface FramePacerOptions {
  readonly clock: Clock;
  readonly paint: () => void;
  /** Something moves by itself, see ScreenSource. */
  readonly isMoving: () => boolean;
}

/**
 * Decides when a frame is painted: soon after something has changed, at most 15 times a second, and so
 * seldom that painting takes no more than a tenth of the time on the machine as it is now. Where nothing
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
    this.#schedule(this.#paintedAtMs + Math.min(longestMs, Math.max(shortestMs, this.#costMs * shareOfTime)));
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
    const { clock, paint, isMoving } = this.#options;
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    const beganAtMs = clock.monotonicMs();
    this.#paintedAtMs = beganAtMs;
    paint();
    const tookMs = clock.monotonicMs() - beganAtMs;
    this.#costMs = this.#costMs === 0 ? tookMs : this.#costMs * 0.8 + tookMs * 0.2;
    if (isMoving()) this.#schedule(beganAtMs + idleMs);
  }
}
