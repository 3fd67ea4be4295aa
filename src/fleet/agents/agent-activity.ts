import type { Clock } from '../../core/clock.ts';
import type { AgentFailure } from '../../journal/fleet-events.ts';
import { errorBody } from './error-codes.ts';

/** Of the failures between two samples; the rest is only counted. */
const failuresKept = 5;
const messageLimit = 300;

/** What an agent has done since it was asked last. */
interface ActivitySample {
  readonly messages: number;
  readonly errors: number;
  readonly working: number;
  readonly failed: readonly AgentFailure[];
}

/** Counts an agent's messages as they begin and end, for whoever asks at intervals. */
export class AgentActivity {
  readonly #clock: Clock;
  #messages = 0;
  #errors = 0;
  #working = 0;
  #toldWorking = 0;
  #failed: AgentFailure[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Failures that a sample is due for. */
  get errors(): number {
    return this.#errors;
  }

  get isNew(): boolean {
    return this.#messages > 0 || this.#errors > 0 || this.#working !== this.#toldWorking;
  }

  /** One message or direct call, from its beginning to its end. */
  async observe<T>(operation: string, correlationId: string | undefined, work: () => Promise<T>): Promise<T> {
    this.#working += 1;
    try {
      return await work();
    } catch (error) {
      this.failed(operation, correlationId, error);
      throw error;
    } finally {
      this.#working -= 1;
      this.#messages += 1;
    }
  }

  failed(operation: string, correlationId: string | undefined, thrown: unknown): void {
    this.#errors += 1;
    const { code, message } = errorBody(thrown).error;
    this.#failed.push({ operation, code, message: message.slice(0, messageLimit), ...(correlationId === undefined ? {} : { correlation_id: correlationId }), failed_at: this.#clock.now() });
    if (this.#failed.length > failuresKept) this.#failed.shift();
  }

  /** Counts since the last call. */
  take(): ActivitySample {
    const sample = { messages: this.#messages, errors: this.#errors, working: this.#working, failed: this.#failed };
    this.#messages = 0;
    this.#errors = 0;
    this.#toldWorking = this.#working;
    this.#failed = [];
    return sample;
  }
}
