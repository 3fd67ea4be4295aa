import type { Clock } from '../core/clock.ts';
import type { Bulkhead } from './bulkhead.ts';
import { HealthRecord } from './health/component-health.ts';
import type { RetryBudget } from './retry/retry-budget.ts';

/** What all calls to one dependency share. */
export class Component {
  readonly name: string;
  readonly health: HealthRecord;
  /** Made by the first call that has one configured. */
  budget: RetryBudget | undefined;
  bulkhead: Bulkhead | undefined;
  /** Keys of the breakers that its calls went through. */
  readonly breakerKeys = new Set<string>();

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.health = new HealthRecord(clock);
  }
}
