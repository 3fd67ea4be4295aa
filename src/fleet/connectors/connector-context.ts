import type { Clock } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import type { FleetEventDraft } from '../../journal/fleet-events.ts';
import type { ReliabilityManager } from '../../reliability/index.ts';
import type { ResilienceSwitches } from '../agents/resilience-switches.ts';
import type { Logger } from '../agents/services.ts';

/** What every connector is given. */
export interface ConnectorContext {
  readonly reliability: ReliabilityManager;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly resilience: ResilienceSwitches;
  emit(event: FleetEventDraft): void;
}
