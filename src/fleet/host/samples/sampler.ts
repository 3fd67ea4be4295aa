import type { CancelTimer, Clock } from '../../../core/clock.ts';
import type { FleetEventDraft } from '../../../journal/fleet-events.ts';
import type { AgentSamples } from './agent-samples.ts';
import type { BreakerSamples } from './breaker-samples.ts';
import type { DependencySamples } from './dependency-samples.ts';

const everyMs = 1_000;

export interface SamplerOptions {
  readonly clock: Clock;
  readonly emit: (event: FleetEventDraft) => void;
  readonly dependencies: DependencySamples;
  readonly breakers: BreakerSamples;
  readonly agents: AgentSamples;
}

/** Once a second, says what is new of dependencies, breakers and agents. Its timer never holds the process. */
export class Sampler {
  readonly #options: SamplerOptions;
  #toldAtMs: number;
  #cancel: CancelTimer | undefined;
  #stopped = false;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#toldAtMs = options.clock.monotonicMs();
  }

  /** From now on, until `stop`; never again after it. */
  start(): void {
    if (this.#cancel === undefined && !this.#stopped) this.#schedule();
  }

  /** Says what is left, so that the samples add up. A second call does nothing. */
  stop(): void {
    this.#stopped = true;
    if (this.#cancel === undefined) return;
    this.#cancel();
    this.#cancel = undefined;
    this.#tell(Number.POSITIVE_INFINITY);
  }

  #schedule(): void {
    this.#cancel = this.#options.clock.setTimer(
      everyMs,
      () => {
        this.#tell();
        this.#schedule();
      },
      { keepAlive: false },
    );
  }

  /** @param limit of agents, and of breakers @default as they have it */
  #tell(limit?: number): void {
    const { clock, emit, dependencies, breakers, agents } = this.#options;
    const nowMs = clock.monotonicMs();
    const intervalMs = Math.round(nowMs - this.#toldAtMs);
    this.#toldAtMs = nowMs;
    for (const sample of [...dependencies.take(intervalMs), ...breakers.take(limit), ...agents.take(nowMs, limit)]) emit(sample);
  }
}
