import { eventText } from '../../journal/event-text.ts';
import type { JournalEvent } from '../../journal/events.ts';
import { oneLine } from '../visible-text.ts';

const maxLength = 160;
/** Shown in columns of their own, or of no interest in a line. */
const apart: ReadonlySet<string> = new Set(['v', 'seq', 'at', 'mono_ms', 'run_id', 'type', 'host', 'host_at', 'event_no', 'correlation_id', 'job', 'job_id', 'user_id', 'text', 'hash']);

/** An event on one line: as it is told live, or where it is not, by its members. */
export function eventLine(event: JournalEvent): string {
  const told = oneLine(eventText(event)?.map((span) => span.text).join('') ?? members(event));
  const host = 'host' in event && typeof event.host === 'string' ? `${event.host} ` : '';
  const text = told.startsWith(host) ? told.slice(host.length) : told;
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).toWellFormed()}…`;
}

function members(event: JournalEvent): string {
  return Object.entries(event)
    .filter(([name, value]) => !apart.has(name) && value !== null && value !== '')
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}
