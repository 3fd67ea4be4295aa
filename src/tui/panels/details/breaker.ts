import { clockTime, shortDuration, timeLeft } from '../../format/durations.ts';
import { breakerGlyph } from '../../format/glyphs.ts';
import { plain, type Line } from '../../format/line.ts';
import type { ScreenProps } from '../../ui/screen-props.ts';
import { quietKey } from '../breakers.ts';
import { blank, field, heading, type Detail } from './detail.ts';

export function breakerDetail({ state, nowMs }: ScreenProps, key: string, width: number): Detail {
  if (key === quietKey) {
    const quiet = [...state.breakers].filter(([, { transitions }]) => transitions === 0);
    return { title: 'breakers that never opened', lines: quiet.map(([name, { calls }]): Line => [plain(`${name}  ${calls} calls in its window`)]) };
  }
  const breaker = state.breakers.get(key);
  if (breaker === undefined) return { title: `breaker ${key}`, lines: [[plain('its host is gone, and its breakers with it')]] };
  const { sign, word, tone } = breakerGlyph(breaker.state);
  const told = state.tail.last().filter(({ spans }) => spans.some(({ text }) => text.startsWith(`${breaker.host} breaker ${breaker.breaker}:`)));
  return {
    title: `breaker ${breaker.breaker} on ${breaker.host}`,
    lines: [
      ...field('state', `${sign} ${word} since ${clockTime(breaker.sinceMs)} (${shortDuration(nowMs - breaker.sinceMs)})${breaker.from === '' ? '' : `, before that ${breaker.from}`}`, width, tone),
      ...field('failure rate', breaker.failureRate === undefined ? 'too few calls to tell' : `${Math.round(breaker.failureRate * 100)} % of the calls in its window`, width),
      ...field('calls', `${breaker.calls} in its window when it was last told of`, width),
      ...field('next probe', breaker.probeAtMs === undefined ? 'none: it is not open' : `in ${timeLeft(breaker.probeAtMs - nowMs)}`, width),
      ...field('changes', String(breaker.transitions), width),
      blank,
      heading('its changes among the events that are kept'),
      ...told.toReversed().map(({ atMs, spans }): Line => [plain(`${clockTime(atMs)} `), ...spans]),
    ],
  };
}
