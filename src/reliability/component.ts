import type { Clock } from '../core/clock.ts';
import type { CircuitBreaker } from './breaker/circuit-breaker.ts';
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

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.health = new HealthRecord(clock);
  }
}

/** A breaker, and who uses it. */
export interface KeyedBreaker {
  readonly breaker: CircuitBreaker;
  /** Services whose calls go through it; normally the one that it is named after. */
  readonly services: Set<string>;
  /** False while it was only looked up by key: the first call brings its settings. */
  configured: boolean;
}
