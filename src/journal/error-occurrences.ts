import type { Recovery, Severity } from '../core/errors.ts';
import { dependencyOf } from './error-cause.ts';
import type { JournalEvent, JournalFact } from './events.ts';

/** One time that something failed. */
export interface ErrorOccurrence {
  /** Of the event that tells of it. */
  readonly seq: number;
  /** When it happened, on the clock of `mono_ms`; up to a second before the event where that is a sample. */
  readonly ms: number;
  readonly source: JournalFact['type'];
  /** As docs/error-codes.md lists it; the event's type where it carries none. */
  readonly code: string;
  readonly message: string;
  readonly operation?: string;
  readonly dependency?: string;
  readonly host?: string;
  readonly agent?: string;
  readonly jobId?: string;
  readonly correlationId?: string;
  /** As the event says; most do not. */
  readonly severity?: Severity;
  readonly recovery?: Recovery;
}

type Told = Pick<ErrorOccurrence, 'code' | 'message'> & Partial<ErrorOccurrence>;

/** What failed according to one event, oldest first; nothing for most. */
export function errorsIn(event: JournalEvent): ErrorOccurrence[] {
  return tell(event).map((told) => {
    const dependency = told.dependency ?? dependencyOf(told.operation, told.code);
    return { seq: event.seq, ms: event.mono_ms, source: event.type, ...about(event), ...told, ...(dependency === undefined ? {} : { dependency }) };
  });
}

function about(event: JournalEvent): Partial<ErrorOccurrence> {
  const text = (name: string): string | undefined => {
    const value = (event as unknown as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'string' ? value : undefined;
  };
  return defined({ host: text('host'), agent: text('agent'), jobId: text('job_id'), correlationId: text('correlation_id') });
}

/** Events of a journal are not checked member by member: a fleet under test may have left some out. */
function tell(event: JournalEvent): Told[] {
  switch (event.type) {
    case 'agent.error': {
      const { error, operation } = event;
      return [{ code: error?.code ?? event.type, message: error?.message ?? '', ...defined({ operation, severity: error?.severity, recovery: error?.recovery, correlationId: event.correlation_id ?? error?.correlation_id }) }];
    }
    case 'agent.sampled':
      return (event.failed ?? []).map(({ code, message, operation, correlation_id, failed_at }) => ({
        code,
        message,
        // The sample comes later than what it tells of, by the host's own clock.
        ms: Math.max(0, event.mono_ms - Math.max(0, event.host_at - failed_at)),
        ...defined({ operation, correlationId: correlation_id }),
      }));
    case 'retry.scheduled':
      return [{ code: event.code, message: `an attempt failed and is made again (attempt ${event.attempt} follows after ${event.delay_ms} ms)`, operation: event.operation }];
    case 'checkpoint.rejected':
      return [{ code: event.type, message: `${event.reason}: ${event.detail.replaceAll(event.section, '<section>')}`, operation: 'checkpoint' }];
    case 'dependency.changed':
      return event.up ? [] : [{ code: event.type, message: event.detail, dependency: event.dependency, operation: 'probe' }];
    case 'job.refused':
      return [{ code: event.code, message: event.message, operation: 'submit' }];
    case 'job.overdue':
      return [{ code: event.type, message: `no report after ${Math.round(event.waited_ms / 1_000)} s` }];
    case 'infra.exited':
      return [{ code: event.type, message: `${event.container === undefined ? 'process' : 'container'} ended: ${event.signal ?? `exit code ${event.exit_code}`}`, dependency: event.services.join(', ') }];
    case 'host.exited':
      return event.expected ? [] : [{ code: event.type, message: `ended: ${event.signal ?? `exit code ${event.exit_code}`}` }];
    case 'fault.failed':
      return [{ code: event.type, message: `${event.fault}: ${event.phase} failed: ${event.detail}`, operation: event.phase }];
    default:
      return [];
  }
}

function defined<Members extends object>(members: Members): { [Name in keyof Members]?: Exclude<Members[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as { [Name in keyof Members]?: Exclude<Members[Name], undefined> };
}
