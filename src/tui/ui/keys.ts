import { maxScroll } from '../panels/overlay.ts';
import { detailOf } from '../panels/details/index.ts';
import { groupPrefix } from '../panels/fleet.ts';
import { panels } from '../panels/index.ts';
import { selectedIndex } from '../panels/panel.ts';
import { layoutOf, shownFocus } from '../panels/screen-layout.ts';
import { reduceMenuKey } from './fault-menu-keys.ts';
import { keyIn, type KeyId, type KeyPress } from './key-help.ts';
import type { ScreenProps } from './screen-props.ts';
import { panelOrder, type PlayerCommand, type UiAction, type UiState } from './ui-state.ts';

export interface KeyOutcome {
  readonly ui: UiState;
  readonly action?: UiAction;
}

/** What a key does to what is looked at, and what it asks for. Pure; keys that mean nothing here change nothing. */
export function reduceKey(ui: UiState, press: KeyPress, props: ScreenProps): KeyOutcome {
  if (ui.overlay.kind === 'faults') return reduceMenuKey(ui, ui.overlay.step, press, props);
  // Fast typing comes in one piece.
  if (press.input.length > 1 && press.ctrl !== true && press.meta !== true) {
    return Array.from(press.input).reduce<KeyOutcome>((before, input) => ({ ...before, ...reduceKey(before.ui, { ...press, input }, { ...props, ui: before.ui }) }), { ui });
  }
  const open = ui.overlay.kind !== 'none';
  const id = keyIn([...(props.player === undefined ? [] : (['Playing a journal'] as const)), open ? 'Details' : 'Panels', 'Everywhere'], press);
  if (id === undefined) return { ui };
  const command = playerCommands[id] ?? (id === 'pause' && props.player !== undefined ? 'toggle' : undefined);
  if (command !== undefined) return { ui, action: { kind: 'player', command } };
  return everywhere(ui, id, props) ?? (open ? scroll(ui, id, props) : inPanels(ui, id, props));
}

const playerCommands: Readonly<Partial<Record<KeyId, PlayerCommand>>> = {
  toggle: 'toggle',
  step: 'step',
  'step-back': 'step-back',
  faster: 'faster',
  slower: 'slower',
  forward: 'forward',
  'back-in-time': 'back',
  'next-failure': 'next-failure',
  'previous-failure': 'previous-failure',
  start: 'start',
  end: 'end',
};

function everywhere(ui: UiState, id: KeyId, props: ScreenProps): KeyOutcome | undefined {
  switch (id) {
    case 'quit':
      return { ui, action: { kind: 'quit' } };
    case 'pause':
      return { ui: { ...ui, paused: !ui.paused }, action: { kind: 'pause' } };
    case 'faults':
      return { ui: { ...ui, overlay: { kind: 'faults', step: { at: 'fault', selected: undefined, filter: '' } } } };
    case 'checks':
    case 'help':
      return { ui: { ...ui, overlay: ui.overlay.kind === id ? { kind: 'none' } : { kind: id, scroll: 0 } } };
    case 'previous-run':
    case 'next-run':
      return props.runs === undefined ? { ui } : { ui, action: { kind: 'show-run', step: id === 'next-run' ? 1 : -1 } };
    default:
      return undefined;
  }
}

function scroll(ui: UiState, id: KeyId, props: ScreenProps): KeyOutcome {
  const { overlay } = ui;
  if (id === 'close') return { ui: { ...ui, overlay: { kind: 'none' } } };
  if (overlay.kind === 'none' || overlay.kind === 'faults') return { ui };
  const { body } = layoutOf(props);
  const most = maxScroll(detailOf(props, overlay, body.width)?.lines.length ?? 0, body);
  const page = Math.max(1, body.height - 2);
  const at = Math.min(overlay.scroll, most);
  const to = { 'scroll-up': at - 1, 'scroll-down': at + 1, 'scroll-page-up': at - page, 'scroll-page-down': at + page, 'scroll-first': 0, 'scroll-last': Number.POSITIVE_INFINITY }[id as string];
  if (to === undefined) return { ui };
  // Whoever went to the end stays there while a report grows.
  const follows = to === Number.POSITIVE_INFINITY || (overlay.scroll === Number.POSITIVE_INFINITY && to >= most);
  return { ui: { ...ui, overlay: { ...overlay, scroll: follows ? Number.POSITIVE_INFINITY : Math.max(0, Math.min(most, to)) } } };
}

function inPanels(ui: UiState, id: KeyId, props: ScreenProps): KeyOutcome {
  const layout = layoutOf(props);
  const focus = shownFocus(ui, layout);
  switch (id) {
    case 'next-panel':
    case 'previous-panel': {
      // Also where one of them has the whole screen: the next one takes it over.
      const shown = ui.zoomed ? panelOrder : panelOrder.filter((panel) => layout.panels[panel] !== undefined);
      const index = shown.indexOf(focus) + (id === 'next-panel' ? 1 : -1) + shown.length;
      return { ui: { ...ui, focus: shown[index % shown.length] ?? focus } };
    }
    case 'zoom':
      return { ui: { ...ui, focus, zoomed: !ui.zoomed } };
    case 'back':
      return { ui: ui.zoomed ? { ...ui, zoomed: false } : { ...ui, selected: { ...ui.selected, [focus]: undefined } } };
  }
  const area = layout.panels[focus];
  if (area === undefined) return { ui };
  const { rows, followsEnd } = panels[focus].view(props, area);
  const index = selectedIndex(rows, ui.selected[focus], followsEnd);
  if (id === 'open') {
    const key = rows[index]?.key;
    if (key === undefined) return { ui };
    if (focus === 'fleet' && key.startsWith(groupPrefix)) return { ui: { ...ui, unfolded: toggled(ui.unfolded, key.slice(groupPrefix.length)) } };
    return { ui: { ...ui, focus, overlay: { kind: 'detail', panel: focus, key, scroll: 0 } } };
  }
  const page = Math.max(1, area.height - 2);
  const to = { up: index - 1, down: index + 1, 'page-up': index - page, 'page-down': index + page, first: 0, last: rows.length - 1 }[id as string];
  if (to === undefined || rows.length === 0) return { ui };
  const chosen = Math.max(0, Math.min(rows.length - 1, to));
  // At the newest event there is nothing selected: what comes after it is seen as it comes.
  const key = followsEnd === true && chosen === rows.length - 1 ? undefined : rows[chosen]?.key;
  return { ui: { ...ui, focus, selected: { ...ui.selected, [focus]: key } } };
}

function toggled(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
}
