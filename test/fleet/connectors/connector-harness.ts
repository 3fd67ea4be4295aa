import { systemClock } from '../../../src/core/clock.ts';
import { createRng } from '../../../src/core/rng.ts';
import { allSwitchedOn, type ResilienceSwitches } from '../../../src/fleet/agents/resilience-switches.ts';
import type { Logger } from '../../../src/fleet/agents/services.ts';
import type { ConnectorContext } from '../../../src/fleet/connectors/connector-context.ts';
import type { FleetEventDraft } from '../../../src/journal/fleet-events.ts';
import { ReliabilityManager } from '../../../src/reliability/index.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

export interface Harness extends ConnectorContext {
  readonly events: FleetEventDraft[];
  readonly lines: LogLine[];
}

/** What a host gives its connectors, with everything they say kept for looking at. */
export function createHarness(switches: Partial<ResilienceSwitches> = {}): Harness {
  const resilience: ResilienceSwitches = { ...allSwitchedOn, ...switches };
  const events: FleetEventDraft[] = [];
  const lines: LogLine[] = [];
  const log =
    (level: string) =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      lines.push({ level, message, fields });
    };
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error'), with: () => logger };
  const rng = createRng('connectors');
  return {
    reliability: new ReliabilityManager({ clock: systemClock, rng, enabled: resilience.retry || resilience.breaker, mechanisms: { retry: resilience.retry, breaker: resilience.breaker, timeout: resilience.timeout } }),
    clock: systemClock,
    rng,
    logger,
    resilience,
    emit: (event) => events.push(event),
    events,
    lines,
  };
}

/** The error that `promise` rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { readonly code?: string; readonly retriable?: boolean; readonly maybeExecuted?: boolean }> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error as Error,
  );
}
