import type { JobReported, JournalEvent } from '../../../journal/events.ts';
import type { Lane } from './chart-data.ts';

/** More lanes than this nobody reads. */
const laneLimit = 40;

interface Course {
  readonly name: string;
  readonly fromMs: number;
  readonly seq: number;
  toMs?: number;
  state: string;
  text: string;
  endSeq?: number;
}

/** One lane a job, from its submission to its report. Where there are too many, those that were lost, resumed or degraded come first. */
export function jobLanes(events: readonly JournalEvent[], endMs: number): { readonly lanes: readonly Lane[]; readonly leftOut: number } {
  const jobs = new Map<string, Course>();
  for (const event of events) {
    if (event.type === 'job.submitted') jobs.set(event.job_id, { name: event.job, fromMs: event.mono_ms, seq: event.seq, state: 'lost', text: 'no report' });
    const job = 'job_id' in event && typeof event.job_id === 'string' ? jobs.get(event.job_id) : undefined;
    if (job === undefined) continue;
    if (event.type === 'job.reported') Object.assign(job, { toMs: event.mono_ms, endSeq: event.seq, ...outcome(event) });
    else if (event.type === 'job.refused') Object.assign(job, { toMs: event.mono_ms, endSeq: event.seq, state: 'refused', text: `refused: ${event.code}` });
    else if (event.type === 'job.overdue') Object.assign(job, { endSeq: event.seq, text: 'overdue' });
  }
  const all = [...jobs.values()];
  const plain = (job: Course): boolean => job.state === 'FULL' && !job.text.includes('↻');
  const shown = new Set([...all.filter((job) => !plain(job)), ...all.filter(plain)].slice(0, laneLimit));
  const lanes = all.filter((job) => shown.has(job)).map(({ name, fromMs, toMs, state, text, seq, endSeq }) => ({ name, segments: [{ fromMs, toMs: toMs ?? endMs, state, text, seq: endSeq ?? seq }] }));
  return { lanes, leftOut: all.length - lanes.length };
}

function outcome({ result }: JobReported): Pick<Course, 'state' | 'text'> {
  const state = typeof result.level === 'string' ? result.level : 'unknown';
  const resumed = typeof result.resumed_sections === 'number' ? result.resumed_sections : 0;
  return { state, text: `${state}${resumed > 0 ? ` ↻ resumed with ${resumed} section${resumed === 1 ? '' : 's'} saved before` : ''}` };
}
