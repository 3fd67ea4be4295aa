import { counted } from '../../core/counted.ts';
import type { FaultInjected, JournalEvent } from '../../journal/events.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { CheckResult } from './check.ts';

const check = 'faults-happened';

/**
 * Vacuity: a run whose faults did nothing has shown nothing. Never `fail`: that a fault could not be injected is
 * no fault of the fleet's. Faults injected by hand are no part of the scenario: whether they did anything proves nothing about it.
 */
export function judgeFaults(events: readonly JournalEvent[], scenario: Scenario): CheckResult {
  if (scenario.faults.length === 0) return { check, status: 'unknown', detail: 'the scenario breaks nothing', evidence: [] };
  const planned = new Set(scenario.faults.map(({ id }) => id));
  const failed = events.filter((event) => event.type === 'fault.failed').filter(({ fault }) => planned.has(fault));
  if (failed.length > 0) return { check, status: 'unknown', detail: failed.map(({ fault, detail }) => `${fault}: ${detail}`).join('; '), evidence: failed.map(({ seq }) => `seq ${seq}`) };
  const injected = events.filter((event) => event.type === 'fault.injected').filter(({ fault }) => planned.has(fault));
  const skipped = new Set(events.flatMap((event) => (event.type === 'fault.skipped' ? [event.fault] : [])));
  const absent = scenario.faults.filter(({ id }) => !skipped.has(id) && !injected.some(({ fault }) => fault === id));
  if (absent.length > 0) return { check, status: 'unknown', detail: `${absent.length} of ${counted(scenario.faults.length, 'fault')} never began`, evidence: absent.map(({ id }) => id) };
  if (injected.length === 0) return { check, status: 'unknown', detail: 'the seed decided against every fault', evidence: [...skipped] };
  const judged = injected.map((event) => ({ event, idle: whyIdle(event, events) }));
  const idle = judged.filter((each) => each.idle !== undefined);
  if (idle.length > 0) return { check, status: 'unknown', detail: idle.map(({ event, idle: why }) => `${event.fault} ${why}`).join('; '), evidence: idle.map(({ event }) => `seq ${event.seq}`) };
  return { check, status: 'pass', detail: `${injected.length} injected, each of them did something`, evidence: injected.map(({ seq }) => `seq ${seq}`) };
}

/** undefined where it did something. */
function whyIdle({ fault, occurrence, target, seq, at }: FaultInjected & Pick<JournalEvent, 'seq' | 'at'>, events: readonly JournalEvent[]): string | undefined {
  const healed = events.find((event) => event.type === 'fault.healed' && event.fault === fault && event.occurrence === occurrence && event.seq > seq);
  if (healed?.type !== 'fault.healed') return 'was never taken back';
  if (healed.affected === 0) return `touched 0 ${healed.unit}`;
  if (healed.affected !== null) return undefined;
  const [fromMs, toMs] = [Date.parse(at), Date.parse(healed.at)];
  // What hosts and services tell comes with their own time: some of it is journaled only at the end.
  const meanwhile = events.filter((event) => ('host_at' in event && event.host_at !== undefined ? event.host_at >= fromMs && event.host_at <= toMs : event.seq > seq && event.seq < healed.seq));
  return meanwhile.some((event) => isTraffic(event, target)) ? undefined : `cannot be counted, and the journal shows no use of ${target} while it lasted`;
}

/** Whether an event could not have come about without the service being asked: for proxies that count nothing. */
function isTraffic(event: JournalEvent, service: string): boolean {
  switch (event.type) {
    case 'dependency.changed':
      return event.dependency === service;
    case 'breaker.transition':
      return event.breaker === service;
    case 'retry.scheduled':
      return event.operation.startsWith(`${service}.`);
    case 'llm.called':
      return service === 'llm';
    case 'checkpoint.saved':
      // A section is written by the model, and kept in Redis.
      return service === 'redis' || service === 'llm';
    case 'checkpoint.resumed':
    case 'checkpoint.rejected':
      return service === 'redis';
    case 'job.accepted':
    case 'job.reported':
      return service === 'postgres' || service === 'kafka';
    default:
      return false;
  }
}
