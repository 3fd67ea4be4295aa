import { verdictGlyphs } from '../../format/glyphs.ts';
import { plain, span, type Line } from '../../format/line.ts';
import type { ScreenProps } from '../../ui/screen-props.ts';
import { verdictSoFar } from '../header.ts';
import { blank, field, paragraphs, type Detail } from './detail.ts';

/** What the run is judged by; failed checks first. */
export function checksDetail({ state }: ScreenProps, width: number): Detail {
  const order = ['fail', 'unknown', 'pass'];
  const checks = state.checks.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  return {
    title: 'checks',
    lines: [
      [plain('verdict  '), ...verdictSoFar(state)],
      ...(state.header.description === '' ? [] : [blank, ...field('scenario', state.header.description, width)]),
      blank,
      ...(checks.length === 0 ? [[plain('checks are judged once the jobs are done and everything is shut down')]] : []),
      ...checks.flatMap(({ check, status, detail }): Line[] => {
        const { sign, word, tone } = verdictGlyphs[status];
        return [[span(tone, `${sign} ${word.padEnd(8)}`), span('strong', check)], ...paragraphs(detail, width, 'plain', '           ')];
      }),
    ],
  };
}
