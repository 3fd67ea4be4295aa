import { eventText } from '../../journal/event-text.ts';
import type { JournalEvent } from '../../journal/events.ts';
import { minorEventText } from './minor-event-text.ts';
import type { MarkKind, ScreenState } from './screen-state.ts';

/** Faults, the level of the fleet, what came of them, and the tail. Comes after the other folds: it looks at what they made. */
export function foldTimeline(state: ScreenState, event: JournalEvent): void {
  const spans = eventText(event) ?? minorEventText(event);
  if (spans !== undefined) state.tail.push({ seq: event.seq, atMs: event.mono_ms, spans });
  switch (event.type) {
    case 'fault.injected':
      state.faults.push({
        fault: event.fault,
        type: event.fault_type,
        target: event.target,
        occurrence: event.occurrence,
        parameters: event.parameters,
        byUser: event.by === 'user',
        injectedAtMs: event.mono_ms,
        lastsMs: event.lasts_ms,
        healedAtMs: undefined,
        affected: undefined,
        unit: undefined,
      });
      break;
    case 'fault.healed': {
      const fault = state.faults.findLast((candidate) => candidate.fault === event.fault && candidate.occurrence === event.occurrence);
      if (fault === undefined) break;
      fault.healedAtMs = event.mono_ms;
      fault.affected = event.affected;
      fault.unit = event.unit;
      break;
    }
    case 'level.changed':
      changeLevel(state, event.mono_ms);
      break;
    case 'host.started':
      if (event.restart > 0) mark(state, event, 'host-back', `${event.host} started again`);
      break;
    case 'host.exited':
      changeLevel(state, event.mono_ms);
      if (event.exit_code !== 0) mark(state, event, 'host-exit', `${event.host} ended: ${event.signal ?? `exit code ${event.exit_code}`}`);
      break;
    case 'breaker.transition':
      if (event.to === 'open') mark(state, event, 'breaker-open', `${event.host} ${event.breaker} open`);
      else if (event.to === 'closed') mark(state, event, 'breaker-closed', `${event.host} ${event.breaker} closed`);
      break;
    case 'checkpoint.resumed':
      mark(state, event, 'resumed', `${event.host} resumed with ${event.sections.join(', ')}`);
      break;
    case 'job.reported':
      markReport(state, event, `${event.job} ${String(event.result.level)}`);
      break;
    case 'job.refused':
    case 'job.overdue':
      mark(state, event, 'lost', `${event.job} ${event.type === 'job.refused' ? 'refused' : 'overdue'}`);
      break;
  }
}

function mark(state: ScreenState, event: JournalEvent, kind: MarkKind, text: string): void {
  state.marks.push({ atMs: event.mono_ms, kind, text, count: 1 });
}

/** A busy fleet would push everything else off the timeline. */
function markReport(state: ScreenState, event: JournalEvent, text: string): void {
  const [last] = state.marks.last(1);
  if (last?.kind === 'reported' && Math.floor(last.atMs / 1_000) === Math.floor(event.mono_ms / 1_000)) state.marks.replaceLast({ ...last, text, count: last.count + 1 });
  else mark(state, event, 'reported', text);
}

/** A host that is not there has no level; what is left has. */
function changeLevel(state: ScreenState, atMs: number): void {
  const worst = [...state.hosts.values()].reduce((found, { level, levelReason }) => (level > found.level ? { level, reason: levelReason } : found), { level: 0, reason: '' });
  const last = state.levels.at(-1);
  if (last?.level === worst.level && last.reason === worst.reason) return;
  state.levels.push({ atMs, ...worst });
  if (last?.level !== worst.level) state.marks.push({ atMs, kind: 'level', text: `level ${worst.level}`, count: 1 });
}
