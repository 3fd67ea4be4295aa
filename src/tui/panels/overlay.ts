import { paintLine, plain } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import { detailOf } from './details/index.ts';
import { faultMenuPanel } from './fault-menu/panel.ts';
import { titleLine } from './panel.ts';

/** Takes the place of the panels: exactly `area.height` lines. */
export function overlayPanel(props: ScreenProps, area: Area): string[] {
  const { overlay } = props.ui;
  if (area.height <= 0) return [];
  if (overlay.kind === 'faults') return faultMenuPanel(props, overlay.step, area);
  const detail = detailOf(props, overlay, area.width);
  if (detail === undefined) return Array.from({ length: area.height }, () => ' '.repeat(area.width));
  const height = area.height - 1;
  const first = overlay.kind === 'none' ? 0 : Math.min(overlay.scroll, maxScroll(detail.lines.length, area));
  const seen = detail.lines.slice(first, first + height);
  const position = detail.lines.length > seen.length ? ` ${first + 1}–${first + seen.length} of ${detail.lines.length} ` : '';
  const lines = [titleLine(detail.title, [plain('Esc goes back')], position, true, area.width, props.paint), ...seen.map((line) => paintLine(line, area.width, props.paint))];
  while (lines.length < area.height) lines.push(' '.repeat(area.width));
  return lines;
}

/** First line at which the last one is still seen at the bottom. */
export function maxScroll(lines: number, area: Area): number {
  return Math.max(0, lines - (area.height - 1));
}
