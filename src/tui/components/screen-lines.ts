import { cut } from '../format/cells.ts';
import { leastColumns, leastRows } from '../layout/layout.ts';
import { footerPanel } from '../panels/footer.ts';
import { headerPanel } from '../panels/header.ts';
import { panels } from '../panels/index.ts';
import { overlayPanel } from '../panels/overlay.ts';
import { playerPanel } from '../panels/player.ts';
import { runsPanel } from '../panels/runs.ts';
import { layoutOf, shownFocus } from '../panels/screen-layout.ts';
import type { Area, Layout } from '../layout/layout.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import type { PanelName } from '../ui/ui-state.ts';

/** The frame, row by row: as many as there are, each painted and as wide as the screen or shorter. */
export function screenLines(props: ScreenProps): string[] {
  const layout = layoutOf(props);
  if (layout.tooSmall) return tooSmall(props);
  const focus = shownFocus(props.ui, layout);
  const shown = focus === props.ui.focus ? props : { ...props, ui: { ...props.ui, focus } };
  return [
    ...headerPanel(shown, layout.header),
    ...(layout.runs === undefined ? [] : runsPanel(shown, layout.runs)),
    ...(props.ui.overlay.kind === 'none' ? bodyLines(shown, layout) : overlayPanel(shown, layout.body)),
    ...(layout.player === undefined ? [] : playerPanel(shown, layout.player)),
    ...footerPanel(shown, layout.footer),
  ].map((line) => line.trimEnd());
}

/** Panels side by side, from left to right in each row, a cell of space where there is none. */
function bodyLines(props: ScreenProps, { body, panels: areas }: Layout): string[] {
  const drawn = (Object.entries(areas) as [PanelName, Area][]).map(([name, area]) => ({ area, lines: panels[name].draw(props, area) })).toSorted((a, b) => a.area.x - b.area.x);
  return Array.from({ length: body.height }, (_, index) => {
    const y = body.y + index;
    let line = '';
    let x = body.x;
    for (const { area, lines } of drawn) {
      if (y < area.y || y >= area.y + area.height) continue;
      line += ' '.repeat(area.x - x) + (lines[y - area.y] ?? '');
      x = area.x + area.width;
    }
    return line;
  });
}

function tooSmall({ columns, rows }: ScreenProps): string[] {
  if (rows < 1 || columns < 1) return [];
  return [cut(`too small: needs ${leastColumns}×${leastRows}`, columns)];
}
