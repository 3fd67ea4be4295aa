import { asError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/clock.ts';
import { StaleWriterError } from '../error-codes.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import type { CheckpointTelemetry } from './checkpoint-telemetry.ts';

/** An attempt's hold on its run: the fencing token, whether Redis knows of it, and the moment it is lost. */
export class RunHold {
  readonly #store: CheckpointStore;
  readonly #telemetry: CheckpointTelemetry;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  #token = 0;
  #minimumToken = 0;
  #beganAt = 0;
  #isClaimed = false;
  #foundSections = false;

  constructor(store: CheckpointStore, telemetry: CheckpointTelemetry, clock: Clock) {
    this.#store = store;
    this.#telemetry = telemetry;
    this.#clock = clock;
  }

  /** Aborts with a StaleWriterError. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted;
  }

  /** 0 before the first claim; may grow with the claim that gets through, where that is not the first. */
  get token(): number {
    return this.#token;
  }

  get isClaimed(): boolean {
    return this.#isClaimed;
  }

  /** Whether the claim found sections of earlier attempts. */
  get foundSections(): boolean {
    return this.#foundSections;
  }

  async begin(minimumToken: number): Promise<number> {
    this.#minimumToken = minimumToken;
    this.#token = minimumToken + 1;
    this.#beganAt = this.#clock.now();
    await this.#claim();
    return this.#token;
  }

  /** Makes up for a claim that did not reach Redis; true where the run is held. */
  async ensure(): Promise<boolean> {
    if (this.isLost) return false;
    if (!this.#isClaimed) await this.#claim(this.#beganAt);
    return this.#isClaimed && !this.isLost;
  }

  /** Redis has told that a later attempt holds the run. */
  lose(what: string, section: string, heldToken: number): void {
    const error = new StaleWriterError(what, this.#token, heldToken);
    this.#telemetry.rejected(section, 'stale_writer', error.message);
    this.#lost.abort(error);
  }

  async #claim(beganAt?: number): Promise<void> {
    try {
      const reply = await this.#store.claim(this.#minimumToken, beganAt);
      if (reply.status === 'stale') return this.lose('Claim', 'progress', reply.heldToken);
      this.#token = reply.token;
      this.#foundSections = reply.hasSections;
      this.#isClaimed = true;
    } catch (error) {
      this.#telemetry.failed('claim', asError(error));
    }
  }
}
