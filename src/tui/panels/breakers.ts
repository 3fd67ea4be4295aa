import { shortCount, shortDuration, timeLeft } from '../format/durations.ts';
import { breakerGlyph, breakerGlyphs } from '../format/glyphs.ts';
import { column, plain, span, type Line } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import type { BreakerState, ScreenState } from '../model/screen-state.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import { drawPanel, markerWidth, type PanelView, type Row } from './panel.ts';

export const quietKey = 'quiet';
const order = ['open', 'half-open'];

/** Open ones first, then half-open ones, then those that changed last; closed ones that never changed share a row. */
export function breakersView({ state, nowMs }: ScreenProps, area: Area): PanelView {
  const all = [...state.breakers.values()];
  const told = all.filter(({ state: now, transitions }) => now !== 'closed' || transitions > 0).toSorted((a, b) => rank(a) - rank(b) || b.sinceMs - a.sinceMs || a.host.localeCompare(b.host));
  const quiet = all.filter(({ state: now, transitions }) => now === 'closed' && transitions === 0);
  const width = area.width - markerWidth;
  const rows: Row[] = told.map((breaker) => ({ key: `${breaker.host}/${breaker.breaker}`, line: () => lineOf(breaker, nowMs, width) }));
  if (quiet.length > 0) rows.push({ key: quietKey, line: () => quietLine(quiet, width) });
  return { title: titleOf(all), rows, empty: quietHint(state) };
}

export function breakersPanel(props: ScreenProps, area: Area): string[] {
  return drawPanel('breakers', breakersView(props, area), props, area);
}

function titleOf(all: readonly BreakerState[]): Line {
  const open = all.filter(({ state }) => state === 'open').length;
  const half = all.filter(({ state }) => state === 'half-open').length;
  const parts = [...(open > 0 ? [span('bad', `${open} open`)] : []), ...(half > 0 ? [span('warning', `${half} half-open`)] : [])];
  return parts.length === 0 ? [plain('none open')] : parts.flatMap((part, index) => (index === 0 ? [part] : [plain(', '), part]));
}

/** `○ open      redis reporting-2   80 % of 12  probe 3s  was closed, 1.2s ago` */
function lineOf(breaker: BreakerState, nowMs: number, width: number): Line {
  const { sign, word, tone } = breakerGlyph(breaker.state);
  const rate = breaker.failureRate === undefined ? '' : `${Math.round(breaker.failureRate * 100)}%`;
  const probe = breaker.probeAtMs === undefined || breaker.state !== 'open' ? undefined : timeLeft(breaker.probeAtMs - nowMs);
  const ago = shortDuration(nowMs - breaker.sinceMs);
  if (width < 52) {
    const told = `${sign} ${breaker.state === 'half-open' ? 'half' : word} `;
    const last = ` ${breaker.state === 'closed' ? '' : `${rate} `}${probe === undefined ? ago : `→${probe}`}`;
    return [span(tone, told), column('plain', `${breaker.breaker}@${breaker.host}`, width - told.length - last.length), plain(last)];
  }
  const wide = width >= 63;
  return [
    column(tone, `${sign} ${word}`, 12),
    column('strong', breaker.breaker, 8),
    plain(' '),
    column('plain', breaker.host, 12),
    column('plain', `${rate}${wide && breaker.calls > 0 ? ` of ${shortCount(breaker.calls)}` : ''}`, wide ? 11 : 5, 'right'),
    plain(' '),
    plain(probe === undefined ? `${breaker.from === '' ? '' : wide ? `was ${breaker.from}, ` : ''}${ago} ago` : `probe in ${probe}${wide ? `, since ${ago}` : ''}`),
  ];
}

function quietLine(quiet: readonly BreakerState[], width: number): Line {
  const { sign, word, tone } = breakerGlyphs.closed;
  const calls = quiet.reduce((sum, breaker) => sum + breaker.calls, 0);
  return [span(tone, `${sign} ${word}`), plain(`  ${quiet.length} never opened${calls > 0 && width >= 44 ? `, ${shortCount(calls)} calls` : ''}`)];
}

function quietHint(state: ScreenState): string {
  const { sign, word } = breakerGlyphs.closed;
  const hosts = [...state.hosts.values()];
  if (hosts.length > 0 && hosts.every(({ status }) => status === 'ended' || status === 'crashed')) return 'the hosts are gone, and their breakers with them';
  return state.header.phase === 'starting' ? 'the fleet is not there yet' : `${sign} ${word}: none has changed`;
}

function rank({ state }: BreakerState): number {
  const index = order.indexOf(state);
  return index < 0 ? order.length : index;
}
