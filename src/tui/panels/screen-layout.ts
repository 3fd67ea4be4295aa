import { layout, type Layout } from '../layout/layout.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import { panelOrder, type PanelName, type UiState } from '../ui/ui-state.ts';
import { fleetRowsWanted } from './fleet.ts';

/** Where everything of this frame stands. */
export function layoutOf({ columns, rows, player, runs, state, ui }: ScreenProps): Layout {
  return layout(columns, rows, { player: player !== undefined, runs: runs !== undefined, zoomed: ui.zoomed ? ui.focus : undefined, ...fleetRowsWanted(state, ui.unfolded) });
}

/** The panel that keys go to: the first one where there is no room for the one that had them. */
export function shownFocus(ui: UiState, { panels }: Layout): PanelName {
  return panels[ui.focus] === undefined ? (panelOrder.find((panel) => panels[panel] !== undefined) ?? ui.focus) : ui.focus;
}
