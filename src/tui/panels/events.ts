import { clockTime } from '../format/durations.ts';
import { plain } from '../format/line.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import type { Area } from '../layout/layout.ts';
import { drawPanel, type PanelView } from './panel.ts';

export function eventsView({ state }: ScreenProps): PanelView {
  return {
    title: [plain(`${state.seq} so far`)],
    rows: state.tail.last().map(({ seq, atMs, spans }) => ({ key: String(seq), line: () => [plain(`${clockTime(atMs)} `), ...spans] })),
    empty: 'nothing has been told yet',
    followsEnd: true,
  };
}

export function eventsPanel(props: ScreenProps, area: Area): string[] {
  return drawPanel('events', eventsView(props), props, area);
}
