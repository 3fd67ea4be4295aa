import { isNetraError } from '../../core/errors.ts';
import type { BreakerTransitionEvent, FleetEventDraft } from '../../journal/fleet-events.ts';
import type { BreakerTransition, ReliabilityEvent } from '../../reliability/index.ts';
import type { FleetMetrics } from '../agents/services.ts';

/** Figures that go with the transition of a breaker; to be asked once for each. */
export type BreakerFigures = (transition: BreakerTransition) => Pick<BreakerTransitionEvent, 'failure_rate' | 'probe_in_ms'>;

/**
 * What of the reliability stack's events those who watch a host are told; undefined for the rest,
 * which would be several for every call. Everything is counted.
 */
export function watchedEvent(event: ReliabilityEvent, metrics: Pick<FleetMetrics, 'count'>, breakerChanged: BreakerFigures): FleetEventDraft | undefined {
  switch (event.type) {
    case 'breaker.transition':
      metrics.count('breaker_transitions_total', { breaker: event.key, from: event.from, to: event.to });
      return { type: 'breaker_transition', breaker: event.key, from: event.from, to: event.to, ...breakerChanged(event) };
    case 'breaker.refused':
      metrics.count('breaker_calls_total', { breaker: event.key, outcome: 'refused' });
      return undefined;
    case 'call.retry':
      metrics.count('retries_total', { service: event.service });
      return {
        type: 'retry_scheduled',
        operation: event.name,
        attempt: event.attempt + 1,
        delay_ms: Math.round(event.delayMs),
        code: isNetraError(event.error) ? event.error.code : event.error.name,
        ...(event.correlationId === undefined ? {} : { correlation_id: event.correlationId }),
      };
    case 'call.gave_up':
      metrics.count('calls_given_up_total', { service: event.service, reason: event.why });
      return undefined;
    case 'fallback.used':
      metrics.count('fallbacks_total', { service: event.service });
      return {
        type: 'fallback_triggered',
        operation: event.name,
        kind: event.fallback,
        detail: event.error.message,
        ...(event.correlationId === undefined ? {} : { correlation_id: event.correlationId }),
      };
    case 'call.completed':
      metrics.count('calls_total', { service: event.service, outcome: event.outcome });
      return undefined;
    default:
      return undefined;
  }
}
