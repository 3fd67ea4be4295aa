import { clockTime, shortDuration } from '../../format/durations.ts';
import { sectionGlyphs } from '../../format/glyphs.ts';
import { plain, span, type Line } from '../../format/line.ts';
import type { ScreenProps } from '../../ui/screen-props.ts';
import { jobBadge, sectionCells } from '../jobs.ts';
import { blank, field, heading, paragraphs, type Detail } from './detail.ts';

/** A job, and its report as it grows. */
export function jobDetail({ state, nowMs }: ScreenProps, key: string, width: number): Detail {
  const job = state.jobs.get(key);
  if (job === undefined) return { title: key, lines: [[plain('no such job has been submitted up to here')]] };
  const badge = jobBadge(job);
  const took = (job.endedAtMs ?? nowMs) - job.submittedAtMs;
  return {
    title: `job ${job.job}`,
    lines: [
      ...field('question', job.question, width, 'strong'),
      ...field('user', job.userId, width),
      ...field('state', `${badge.text}${job.problem === undefined ? '' : `: ${job.problem}`}`, width, badge.tone),
      ...field('time', `submitted at ${clockTime(job.submittedAtMs)}, ${job.endedAtMs === undefined ? 'under way for' : 'took'} ${shortDuration(took)}`, width),
      ...field('host', job.host === '' ? 'none has begun it' : `${job.host}${job.attempts > 1 ? `, attempt ${job.attempts}` : ''}`, width),
      ...field('checkpoints', `${job.checkpointsSaved} saved, ${job.checkpointsRejected} rejected, resumed ${job.resumes} times`, width),
      ...(job.missingData.length > 0 ? field('missing data', job.missingData.join(', '), width, 'warning') : []),
      ...(job.reportPath === undefined ? [] : field('report', job.reportPath, width)),
      ...sectionCells(job).flatMap(({ name, glyph }): Line[] => {
        const { sign, word, tone } = sectionGlyphs[glyph];
        const text = job.sections.get(name)?.text ?? '';
        return [blank, [span(tone, sign), plain(' '), ...heading(name), span(tone, `  ${word}`)], ...(text === '' ? [] : paragraphs(text, width, 'plain', '  '))];
      }),
    ],
  };
}
