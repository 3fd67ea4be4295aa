import { abortReason } from '../../core/abort.ts';
import type { CancelTimer } from '../../core/clock.ts';
import type { Unsubscribe } from '../../core/emitter.ts';
import { asError } from '../../core/errors.ts';
import type { Subscription } from '../connectors/bus/message-bus.ts';
import { joinAll } from './join-all.ts';
import type { AgentServices } from './services.ts';
import { startAttempts } from './start-attempts.ts';

/** One attempt at the group coordinator (F03). */
const coordinatorTimeoutMs = 30_000;
/** When all attempts at joining are used up although Kafka answers, the next round begins after this. */
const rejoinAfterMs = 30_000;

/** An agent's place in its consumer groups: taken at the start, taken again by itself whenever Kafka comes, kept until `leaving` aborts. */
export class BusMembership {
  readonly subscriptions: Subscription[] = [];
  readonly #services: AgentServices;
  readonly #leaving: AbortSignal;
  readonly #begin: () => readonly Promise<Subscription>[];
  #joined = false;
  #error: string | undefined;
  #joining: Promise<void> | undefined;
  /** Set while the next attempt is waited for; aborting it makes the attempt at once. */
  #round: AbortController | undefined;
  #attemptUnderWay = false;
  #rejoinWhenUp: Unsubscribe | undefined;
  #cancelRejoin: CancelTimer = () => undefined;

  /** @param begin begins every subscription of the agent, each time anew */
  constructor(services: AgentServices, leaving: AbortSignal, begin: () => readonly Promise<Subscription>[]) {
    this.#services = services;
    this.#leaving = leaving;
    this.#begin = begin;
  }

  /** Why the agent is not in its groups now; undefined where it is. */
  lacks(): string | undefined {
    const { bus } = this.#services;
    if (!bus.state.up) return bus.state.reason;
    return this.#joined ? undefined : (this.#error ?? 'joining');
  }

  /**
   * Resolves when the groups are joined, or are known not to be for now. Never rejects.
   * @param maxRetries attempts after the first
   * @param retryDelay seconds before the first retry
   */
  async join(agent: string, maxRetries: number, retryDelay: number): Promise<void> {
    this.#rejoinWhenUp ??= this.#services.bus.onStateChange((state) => {
      if (!state.up) return;
      if (!this.#attemptUnderWay) this.#round?.abort(new Error('Kafka is back'));
      void this.#join(agent, maxRetries, retryDelay);
    });
    // A cluster that is there answers soon; one that is known to be gone must not hold back the HTTP side.
    const known = new AbortController();
    await Promise.race([this.#join(agent, maxRetries, retryDelay), this.#kafkaDown(known.signal)]);
    known.abort();
  }

  /** Joins no more; the subscriptions are the agent's to stop. */
  close(): void {
    this.#rejoinWhenUp?.();
    this.#cancelRejoin();
  }

  /** One round of attempts, shared by whoever asks meanwhile. */
  #join(agent: string, maxRetries: number, retryDelay: number): Promise<void> {
    if (this.#joined || this.#leaving.aborted) return Promise.resolve();
    this.#cancelRejoin();
    this.#joining ??= this.#joinWithRetries(agent, maxRetries, retryDelay).finally(() => {
      this.#joining = undefined;
      if (this.#joined || this.#leaving.aborted) return;
      const delayMs = this.#round?.signal.aborted === true ? 0 : rejoinAfterMs;
      this.#cancelRejoin = this.#services.clock.setTimer(delayMs, () => void this.#join(agent, maxRetries, retryDelay), { keepAlive: false });
    });
    return this.#joining;
  }

  async #joinWithRetries(agent: string, maxRetries: number, retryDelay: number): Promise<void> {
    const { reliability, logger } = this.#services;
    const round = new AbortController();
    this.#round = round;
    try {
      await reliability.executeSafely(({ signal }) => this.#attempt(agent, signal), 'kafka.join', {
        profile: 'AGENT',
        retry: {
          ...startAttempts(maxRetries, retryDelay),
          attemptTimeoutMs: coordinatorTimeoutMs,
          totalTimeoutMs: Number.POSITIVE_INFINITY,
        },
        breaker: false,
        idempotent: true,
        signal: AbortSignal.any([this.#leaving, round.signal]),
      });
    } catch (error) {
      if (this.#leaving.aborted || round.signal.aborted) return;
      this.#error = asError(error).message;
      logger.warn('the agent is not in its consumer groups; it tries again', { agent, retry_after_ms: rejoinAfterMs, error });
    }
  }

  async #attempt(agent: string, signal: AbortSignal): Promise<void> {
    this.#attemptUnderWay = true;
    try {
      const onLeaveError = (error: unknown): void => this.#services.logger.warn('a subscription that came too late could not be ended', { agent, error });
      const subscriptions = await joinAll(this.#begin(), signal, onLeaveError);
      if (signal.aborted) {
        await Promise.allSettled(subscriptions.map((subscription) => subscription.stop(AbortSignal.abort())));
        throw abortReason(signal);
      }
      this.subscriptions.push(...subscriptions);
      this.#joined = true;
    } catch (error) {
      this.#error = asError(error).message;
      throw error;
    } finally {
      this.#attemptUnderWay = false;
    }
  }

  /** Resolves once the bus is known to be down, or when `until` aborts. */
  #kafkaDown(until: AbortSignal): Promise<void> {
    const { bus } = this.#services;
    return new Promise((resolve) => {
      const end = (): void => {
        unsubscribe();
        resolve();
      };
      const unsubscribe = bus.onStateChange((state) => {
        if (!state.up) end();
      });
      until.addEventListener('abort', end, { once: true });
      if (!bus.state.up) end();
    });
  }
}
