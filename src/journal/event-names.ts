import type { JournalFact } from './events.ts';

/** When in a run an event may be seen: only before the jobs begin, while they run, or only after them. */
export type EventPhase = 'before' | 'during' | 'after';

const phases: Readonly<Record<JournalFact['type'], EventPhase>> = {
  'run.started': 'before',
  'data.read': 'before',
  'infra.service_ready': 'before',
  'infra.image_pull': 'before',
  'infra.kept': 'after',
  'infra.warning': 'during',
  'infra.ready': 'before',
  'infra.exited': 'during',
  'host.started': 'during',
  'host.listening': 'during',
  'host.ready': 'during',
  'host.exited': 'during',
  'fleet.ready': 'before',
  'job.submitted': 'during',
  'job.accepted': 'during',
  'job.refused': 'during',
  'job.reported': 'during',
  'job.overdue': 'during',
  'report.grounded': 'during',
  'report.counted': 'after',
  'report.stored': 'after',
  'check.judged': 'after',
  'scenario.planned': 'before',
  'steady.checked': 'before',
  'fault.injected': 'during',
  'fault.skipped': 'during',
  'fault.healed': 'during',
  'fault.failed': 'during',
  'guardrail.tripped': 'after',
  'llm.called': 'after',
  'leftover.found': 'after',
  'leftover.sought': 'after',
  'run.interrupted': 'after',
  'run.finished': 'after',
  'agent.started': 'during',
  'agent.thinking': 'during',
  'agent.completed': 'during',
  'agent.error': 'during',
  'agent.sampled': 'during',
  'checkpoint.saved': 'during',
  'checkpoint.resumed': 'during',
  'checkpoint.rejected': 'during',
  'section.completed': 'during',
  'level.changed': 'during',
  'dependency.changed': 'during',
  'dependency.sampled': 'during',
  'breaker.transition': 'during',
  'breaker.sampled': 'during',
  'retry.scheduled': 'during',
  'fallback.triggered': 'during',
  'database.reconciled': 'during',
};

/** Every type of event that a journal may hold. */
export const eventNames: readonly string[] = Object.keys(phases);

/** undefined for a type that no journal holds. */
export function eventPhase(type: string): EventPhase | undefined {
  return Object.hasOwn(phases, type) ? phases[type as JournalFact['type']] : undefined;
}
