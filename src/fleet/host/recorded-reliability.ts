import { ReliabilityManager, type ExecuteOptions, type Operation, type ReliabilityManagerOptions } from '../../reliability/index.ts';
import { serviceOf } from '../../reliability/service-name.ts';

/** One attempt at a dependency or another agent, as its connector saw it end. */
export interface EndedCall {
  /** Key of the breaker before it: `redis`, `agent.order`. */
  readonly breaker: string;
  readonly latencyMs: number;
  /** Undefined where it succeeded. */
  readonly error: unknown;
}

/**
 * A host's reliability stack, which has every attempt recorded: all calls of connectors and agents go through it. Calls
 * beside any breaker (waiting for a service at the start) are none of the work, and what its caller cancels says nothing
 * of the dependency.
 */
export class RecordedReliability extends ReliabilityManager {
  readonly #clock: ReliabilityManagerOptions['clock'];
  readonly #onEnd: (call: EndedCall) => void;

  /** @param onEnd must not throw */
  constructor(options: ReliabilityManagerOptions, onEnd: (call: EndedCall) => void) {
    super(options);
    this.#clock = options.clock;
    this.#onEnd = onEnd;
  }

  override executeSafely<T>(operation: Operation<T>, name: string, options?: ExecuteOptions<T>): Promise<T> {
    const breaker = options?.breaker ?? serviceOf(name);
    if (breaker === false) return super.executeSafely(operation, name, options);
    return super.executeSafely(
      async (call) => {
        const startedMs = this.#clock.monotonicMs();
        let error: unknown;
        try {
          return await operation(call);
        } catch (thrown) {
          error = thrown ?? new Error('rejected without an error');
          throw thrown;
        } finally {
          if (error === undefined || options?.signal?.aborted !== true) this.#onEnd({ breaker, latencyMs: this.#clock.monotonicMs() - startedMs, error });
        }
      },
      name,
      options,
    );
  }
}
