import type { JournalEvent } from '../../journal/events.ts';
import { percentile } from './percentile.ts';
import { callsOfWorkload, reportLevelOf, tokensOf } from './workload-facts.ts';

/** What a run came to; null where the journal does not tell. */
export interface RunFigures {
  readonly accepted: number;
  readonly refused: number;
  readonly reported: number;
  /** Accepted, and without a report. */
  readonly lost: number;
  readonly by_level: Readonly<Record<string, number>>;
  readonly resumed_sections: number;
  readonly p50_ms: number | null;
  readonly max_ms: number | null;
  readonly llm_calls: number | null;
  readonly tokens: number | null;
}

export interface ControlComparison {
  readonly resilient: RunFigures;
  /** The same scenario and seed with resilience switched off. */
  readonly control: RunFigures;
  /** One sentence a difference, such as `lost: 0 with resilience, 3 without`; empty where resilience made none. */
  readonly differences: readonly string[];
}

export function compareWithControl(resilientEvents: readonly JournalEvent[], controlEvents: readonly JournalEvent[]): ControlComparison {
  const resilient = figuresOf(resilientEvents);
  const control = figuresOf(controlEvents);
  const keys = Object.keys(resilient) as (keyof RunFigures)[];
  const differences = keys.flatMap((key) => {
    const [left, right] = [shown(resilient[key]), shown(control[key])];
    return left === right ? [] : [`${key}: ${left} with resilience, ${right} without`];
  });
  return { resilient, control, differences };
}

export function figuresOf(events: readonly JournalEvent[]): RunFigures {
  const idsOf = (type: 'job.accepted' | 'job.refused' | 'job.reported'): Set<string> => new Set(events.flatMap((event) => (event.type === type ? [event.job_id] : [])));
  const accepted = idsOf('job.accepted');
  const reportedIds = idsOf('job.reported');
  const reported = events.filter((event) => event.type === 'job.reported');
  const byLevel: Record<string, number> = {};
  for (const event of reported) {
    const level = reportLevelOf(event);
    byLevel[level] = (byLevel[level] ?? 0) + 1;
  }
  const durations = reported.map(({ duration_ms }) => duration_ms);
  const calls = callsOfWorkload(events);
  return {
    accepted: accepted.size,
    refused: idsOf('job.refused').size,
    reported: reportedIds.size,
    lost: [...accepted].filter((jobId) => !reportedIds.has(jobId)).length,
    by_level: Object.fromEntries(Object.entries(byLevel).toSorted(([left], [right]) => (left < right ? -1 : 1))),
    resumed_sections: reported.reduce((sum, { result }) => sum + (typeof result.resumed_sections === 'number' ? result.resumed_sections : 0), 0),
    p50_ms: percentile(durations, 50) ?? null,
    max_ms: percentile(durations, 100) ?? null,
    llm_calls: calls.length === 0 ? null : calls.length,
    tokens: calls.length === 0 ? null : calls.reduce((sum, call) => sum + tokensOf(call), 0),
  };
}

function shown(value: RunFigures[keyof RunFigures]): string {
  if (value === null) return 'unknown';
  if (typeof value === 'number') return String(value);
  const entries = Object.entries(value);
  return entries.length === 0 ? 'none' : entries.map(([level, count]) => `${level} ${count}`).join(', ');
}
