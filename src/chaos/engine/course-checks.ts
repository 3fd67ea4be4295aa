import type { JournalEvent } from '../../journal/events.ts';
import type { CheckResult } from '../checks/check.ts';

/**
 * What the course of a scenario says of itself, from its journal alone: whether there was a steady state to
 * disturb, whether it came back, and whether the run came to its own end.
 */
export function judgeCourse(events: readonly JournalEvent[]): CheckResult[] {
  const steady = events.filter((event) => event.type === 'steady.checked');
  const before = steady.find(({ phase }) => phase === 'before');
  const after = steady.find(({ phase }) => phase === 'after');
  const trips = events.filter((event) => event.type === 'guardrail.tripped');
  const checks: CheckResult[] = [];
  if (before?.met !== true) {
    checks.push({ check: 'steady-state', status: 'unknown', detail: before === undefined ? 'the steady state was not looked at before the faults' : `no fault was injected, since there was no steady state: ${before.detail}`, evidence: before === undefined ? [] : [`seq ${before.seq}`] });
  } else if (after === undefined) {
    checks.push({ check: 'steady-state', status: 'unknown', detail: 'the run ended before the steady state was looked at again', evidence: [] });
  } else {
    checks.push({
      check: 'steady-state',
      status: after.met ? 'pass' : 'fail',
      detail: after.met ? `back after ${after.waited_ms} ms: ${after.detail}` : `it did not come back: ${after.detail}`,
      evidence: [`seq ${before.seq}`, `seq ${after.seq}`],
    });
  }
  if (trips.length > 0) checks.push({ check: 'guardrails', status: 'fail', detail: trips.map(({ detail }) => detail).join('; '), evidence: trips.map(({ seq }) => `seq ${seq}`) });
  return checks;
}
