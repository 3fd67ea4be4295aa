import type { JournalEvent } from '../../journal/events.ts';

type EventOf<Type extends JournalEvent['type']> = Extract<JournalEvent, { readonly type: Type }>;
type Failures = { readonly [Type in JournalEvent['type']]?: (event: EventOf<Type>) => boolean };

const always = (): boolean => true;

/**
 * Where somebody who looks for what went wrong wants to stop. Causes are none: a fault is a mark of its own. Nor is
 * what the fleet answers with in order, a retry, a fallback, a job resumed; nor the way back, since nobody looks for it.
 */
const failures: Failures = {
  // What was promised, or asked for, and not delivered.
  'job.refused': always,
  'job.overdue': always,
  'job.reported': ({ result }) => result.success !== true,
  'report.grounded': ({ ungrounded }) => ungrounded.length > 0,
  // What broke inside the fleet.
  'agent.error': always,
  'host.exited': ({ expected, signal }) => !expected || signal !== null,
  'checkpoint.rejected': always,
  // What the fleet noticed of it, and how far it stepped down.
  'breaker.transition': ({ to }) => to === 'open',
  'dependency.changed': ({ up }) => !up,
  'level.changed': ({ from, to }) => to > from,
  // What broke around it without having been asked to.
  'infra.exited': always,
  'fault.failed': always,
  'guardrail.tripped': always,
  'steady.checked': ({ met }) => !met,
  'leftover.found': always,
  // Not green: unknown is as bad as fail.
  'check.judged': ({ status }) => status !== 'pass',
  'run.interrupted': always,
};

export function isFailure(event: JournalEvent): boolean {
  const judge = Object.hasOwn(failures, event.type) ? (failures[event.type] as (event: JournalEvent) => boolean) : undefined;
  return judge?.(event) ?? false;
}
