import type { Tone } from '../../journal/event-text.ts';
import { shortDuration } from '../format/durations.ts';
import { sectionGlyphs, type SectionGlyph } from '../format/glyphs.ts';
import { column, plain, span, type Line } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import type { JobState, ScreenState, SectionState } from '../model/screen-state.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import { drawPanel, markerWidth, type PanelView } from './panel.ts';

/** In the order in which they are written; other fleets may write others. */
const knownSections = ['data_analysis', 'recommendations', 'action_items', 'summary'];
/** Ended jobs that are listed. */
const endedListed = 500;

export function jobsView(props: ScreenProps, area: Area): PanelView {
  const { state, nowMs } = props;
  return { title: countsLine(state), rows: listedJobs(state).map((job) => ({ key: job.jobId, line: () => lineOf(job, nowMs, area.width - markerWidth) })), empty: 'no job has been submitted yet' };
}

export function jobsPanel(props: ScreenProps, area: Area): string[] {
  return drawPanel('jobs', jobsView(props, area), props, area);
}

/** Those at work first, then those that wait, the newest at the top of each, then ended ones, the last one to end at the top. */
export function listedJobs(state: ScreenState): readonly JobState[] {
  const steady = ['before', 'after'].flatMap((phase) => state.jobs.get(`${state.header.runId}-steady-${phase}`) ?? []);
  const open = [...state.openJobs].toReversed().flatMap((id) => state.jobs.get(id) ?? []);
  const ended = state.endedJobs
    .slice(-endedListed)
    .toReversed()
    .flatMap((id) => state.jobs.get(id) ?? []);
  const working = open.filter(({ status }) => status === 'working');
  const waiting = open.filter(({ status }) => status !== 'working');
  return [...steady.filter(({ endedAtMs }) => endedAtMs === undefined), ...working, ...waiting, ...ended, ...steady.filter(({ endedAtMs }) => endedAtMs !== undefined)];
}

/** However they ended. */
export function jobsDone({ counts, header }: ScreenState): { readonly done: number; readonly all: number } {
  return { done: counts.reported + counts.refused + counts.overdue, all: Math.max(header.jobsTotal, counts.submitted) };
}

/** `5 of 12 done: FULL 3, STANDARD 2` */
export function countsLine(state: ScreenState): Line {
  const { counts } = state;
  const { done, all } = jobsDone(state);
  const levels = [...counts.byLevel].map(([level, count]) => `${level} ${count}`).join(', ');
  return [
    plain(`${done} of ${all} done${levels === '' ? '' : `: ${levels}`}`),
    ...(counts.resumed > 0 ? [span('notice', `, ${counts.resumed} ↻`)] : []),
    ...(counts.refused > 0 ? [span('warning', `, ${counts.refused} refused`)] : []),
    ...(counts.overdue > 0 ? [span('bad', `, ${counts.overdue} overdue`)] : []),
  ];
}

/** Of every section that the job has, or is expected to have, where it stands. */
export function sectionCells(job: JobState): readonly { readonly name: string; readonly glyph: SectionGlyph }[] {
  const ours = job.sections.size === 0 || knownSections.some((name) => job.sections.has(name));
  const names = [...new Set([...(ours ? knownSections : []), ...job.sections.keys()])];
  return names.map((name) => {
    const glyph = sectionGlyph(job.sections.get(name));
    // A report holds it, whether or not its host has told of the end.
    return { name, glyph: glyph === 'writing' && job.status === 'reported' ? 'written' : glyph };
  });
}

export function sectionGlyph(section: SectionState | undefined): SectionGlyph {
  if (section === undefined) return 'waiting';
  if (section.status !== 'writing' && (section.source === 'template' || section.source === 'cache')) return 'degraded';
  return section.status;
}

/** `FULL`, or what the job is at while it has no level. */
export function jobBadge(job: JobState): { readonly tone: Tone; readonly text: string } {
  if (job.status === 'reported') return { tone: job.level === 'FULL' && job.success ? 'good' : job.level === 'FALLBACK' || !job.success ? 'bad' : 'warning', text: `${job.success || job.steady ? '' : '✗'}${job.level ?? 'done'}` };
  if (job.status === 'overdue' || job.status === 'refused') return { tone: 'bad', text: `! ${job.status}` };
  return { tone: job.status === 'working' ? 'notice' : 'plain', text: job.status };
}

function lineOf(job: JobState, nowMs: number, width: number): Line {
  const badge = jobBadge(job);
  const cells = sectionCells(job);
  const took = shortDuration((job.endedAtMs ?? nowMs) - job.submittedAtMs);
  const wide = width >= 58;
  const name = wide ? 14 : Math.max(6, Math.min(12, width - 29));
  const known = 1 + name + Math.max(4, cells.length) + 1 + 10 + 6;
  const rest = width - known - (wide ? 22 : 0);
  return [
    column('strong', job.job, name),
    plain(' '),
    ...cells.map(({ glyph }) => span(sectionGlyphs[glyph].tone, sectionGlyphs[glyph].sign)),
    plain(' '.repeat(1 + Math.max(0, 4 - cells.length))),
    column(badge.tone, badge.text, 10),
    ...(wide ? [column('plain', job.host, 12), column('plain', `${job.attempts > 1 ? ` ×${job.attempts}` : ''}${job.resumes > 0 ? ` ↻${job.resumes}` : ''}`, 10)] : []),
    column('plain', took, 6, 'right'),
    ...(rest > 4 ? [plain(' '), column(job.problem === undefined ? 'plain' : 'bad', job.problem ?? `${job.userId}: ${job.question}`, rest - 1)] : []),
  ];
}
