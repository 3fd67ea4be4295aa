import { createEntropyRng, type Rng } from '../../../core/rng.ts';
import type { AgentServices } from '../../agents/services.ts';
import type { CheckpointContext } from './checkpoint-context.ts';
import { LateRemovals } from './late-removals.ts';
import { ReportCheckpointManager } from './report-checkpoint-manager.ts';

/** Makes the checkpoint manager of an attempt: one a context, nothing shared between two of them (C01). One factory a host. */
export class CheckpointFactory {
  readonly #services: AgentServices;
  readonly #rng: Rng;
  readonly #lateRemovals: LateRemovals;

  /** @param rng for nonces; must differ between processes, so never the run's seeded stream */
  constructor(services: AgentServices, rng: Rng = createEntropyRng()) {
    this.#services = services;
    this.#rng = rng;
    this.#lateRemovals = new LateRemovals(services);
  }

  createForContext(context: CheckpointContext): ReportCheckpointManager {
    const nonce = [this.#rng, this.#rng].map((rng) => rng.integer(0, 0xffff_ffff).toString(16).padStart(8, '0')).join('');
    return new ReportCheckpointManager(this.#services, context, nonce, this.#lateRemovals);
  }
}
