import type { AgentServices } from '../../agents/services.ts';

/** Each holds a finished attempt's sections in memory: more than this are left to their time to live. */
const limit = 256;
const againAfterMs = 500;

/** True once there is nothing left to do. Must not reject. */
export type Removal = () => Promise<boolean>;

/** Removals of checkpoints that Redis was not there for, made up for once it is: one at a time, oldest first. */
export class LateRemovals {
  readonly #services: Pick<AgentServices, 'clock' | 'redis'>;
  readonly #waiting: Removal[] = [];
  #isArmed = false;

  constructor(services: Pick<AgentServices, 'clock' | 'redis'>) {
    this.#services = services;
  }

  add(removal: Removal): void {
    if (this.#waiting.push(removal) > limit) this.#waiting.shift();
    this.#arm();
  }

  #arm(): void {
    if (this.#isArmed || this.#waiting.length === 0) return;
    this.#isArmed = true;
    this.#services.clock.setTimer(againAfterMs, () => void this.#run(), { keepAlive: false });
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined && this.#services.redis.state.up; next = this.#waiting[0]) {
      if (!(await next())) break;
      const place = this.#waiting.indexOf(next);
      if (place >= 0) this.#waiting.splice(place, 1);
    }
    this.#isArmed = false;
    this.#arm();
  }
}
