import type { Key } from 'ink';

/** A key as Ink tells of it. */
export type KeyPress = { readonly input: string } & Partial<Key>;

export type KeyGroup = 'Panels' | 'Details' | 'Everywhere' | 'Fault menu' | 'Playing a journal';
export const keyGroups: readonly KeyGroup[] = ['Panels', 'Details', 'Everywhere', 'Fault menu', 'Playing a journal'];

interface KeyEntry {
  readonly id: string;
  readonly group: KeyGroup;
  /** As help and docs/tui.md write it. */
  readonly keys: string;
  readonly does: string;
  /** A word for the bottom line, absent of keys that need not be seen there, and the key as it is written there where that differs. */
  readonly hint?: string;
  readonly hintKey?: string;
  readonly matches: (press: KeyPress) => boolean;
}

/** A printed character, without Ctrl or Alt. */
function typed(...characters: readonly string[]): KeyEntry['matches'] {
  return ({ input, ctrl, meta }) => ctrl !== true && meta !== true && characters.includes(input);
}

/** Shift makes other keys of the arrows. */
const plainArrow =
  (arrow: 'leftArrow' | 'rightArrow'): KeyEntry['matches'] =>
  (press) =>
    press[arrow] === true && press.shift !== true;

/** Every key that does something. What is not in here, the screen does not know: help, bottom line and reducer all read it. */
export const keyHelp = [
  { id: 'next-panel', group: 'Panels', keys: 'Tab, →', does: 'goes to the next panel', hint: 'panel', matches: (press) => (press.tab === true && press.shift !== true) || plainArrow('rightArrow')(press) },
  { id: 'previous-panel', group: 'Panels', keys: 'Shift-Tab, ←', does: 'goes to the panel before', matches: (press) => (press.tab === true && press.shift === true) || plainArrow('leftArrow')(press) },
  { id: 'up', group: 'Panels', keys: '↑, k', does: 'selects the row above', matches: (press) => press.upArrow === true || typed('k')(press) },
  { id: 'down', group: 'Panels', keys: '↓, j', does: 'selects the row below', matches: (press) => press.downArrow === true || typed('j')(press) },
  { id: 'page-up', group: 'Panels', keys: 'PgUp', does: 'goes up by as many rows as are seen', matches: ({ pageUp }) => pageUp === true },
  { id: 'page-down', group: 'Panels', keys: 'PgDn', does: 'goes down by as many rows as are seen', matches: ({ pageDown }) => pageDown === true },
  { id: 'first', group: 'Panels', keys: 'Home', does: 'selects the first row', matches: ({ home }) => home === true },
  { id: 'last', group: 'Panels', keys: 'End', does: 'selects the last row; of events, follows the newest', matches: ({ end }) => end === true },
  { id: 'open', group: 'Panels', keys: 'Enter', does: 'opens what is selected; folds and unfolds a group of agents', hint: 'detail', matches: (press) => press.return === true },
  { id: 'zoom', group: 'Panels', keys: 'z', does: 'gives the panel the whole screen, and takes it back', hint: 'zoom', matches: typed('z') },
  { id: 'back', group: 'Panels', keys: 'Esc', does: 'goes back by one: overlay, zoom, selection; never ends anything', matches: (press) => press.escape === true },

  { id: 'scroll-up', group: 'Details', keys: '↑, k', does: 'scrolls up by a line', hint: 'scroll', hintKey: '↑↓', matches: (press) => press.upArrow === true || typed('k')(press) },
  { id: 'scroll-down', group: 'Details', keys: '↓, j', does: 'scrolls down by a line', matches: (press) => press.downArrow === true || typed('j')(press) },
  { id: 'scroll-page-up', group: 'Details', keys: 'PgUp', does: 'scrolls up by a screen', matches: ({ pageUp }) => pageUp === true },
  { id: 'scroll-page-down', group: 'Details', keys: 'PgDn', does: 'scrolls down by a screen', matches: ({ pageDown }) => pageDown === true },
  { id: 'scroll-first', group: 'Details', keys: 'Home', does: 'scrolls to the beginning', matches: ({ home }) => home === true },
  { id: 'scroll-last', group: 'Details', keys: 'End', does: 'scrolls to the end, and stays there while it grows', matches: ({ end }) => end === true },
  { id: 'close', group: 'Details', keys: 'Esc, q, Enter', does: 'closes it', hint: 'close', matches: (press) => press.escape === true || press.return === true || typed('q')(press) },

  { id: 'faults', group: 'Everywhere', keys: 'f', does: 'opens the fault menu: injects faults and heals them', hint: 'faults', matches: typed('f') },
  { id: 'checks', group: 'Everywhere', keys: 'c', does: 'shows the checks, and why each passed or failed', hint: 'checks', matches: typed('c') },
  { id: 'pause', group: 'Everywhere', keys: 'p', does: 'holds the picture while the run goes on, and lets it catch up; of a journal, as the space bar', hint: 'pause', matches: typed('p') },
  { id: 'previous-run', group: 'Everywhere', keys: '[', does: 'shows the run before, where a command has several', matches: typed('[') },
  { id: 'next-run', group: 'Everywhere', keys: ']', does: 'shows the next run, where a command has several', matches: typed(']') },
  { id: 'help', group: 'Everywhere', keys: '?', does: 'shows keys and signs', hint: 'help', matches: typed('?') },
  { id: 'quit', group: 'Everywhere', keys: 'q', does: 'ends the run in order; with something open, closes that instead', hint: 'quit', matches: typed('q') },

  { id: 'menu-up', group: 'Fault menu', keys: '↑, Shift-Tab', does: 'goes to the row or field above', matches: (press) => press.upArrow === true || (press.tab === true && press.shift === true) },
  { id: 'menu-down', group: 'Fault menu', keys: '↓, Tab', does: 'goes to the row or field below', hint: 'row', hintKey: '↑↓', matches: (press) => press.downArrow === true || (press.tab === true && press.shift !== true) },
  { id: 'menu-page-up', group: 'Fault menu', keys: 'PgUp', does: 'goes up by ten rows', matches: ({ pageUp }) => pageUp === true },
  { id: 'menu-page-down', group: 'Fault menu', keys: 'PgDn', does: 'goes down by ten rows', matches: ({ pageDown }) => pageDown === true },
  { id: 'choose', group: 'Fault menu', keys: 'Enter', does: 'takes the fault and then its target, injects it with the values that are there; on a fault at work, heals it', hint: 'choose', matches: (press) => press.return === true },
  { id: 'heal', group: 'Fault menu', keys: 'x', does: 'heals the fault at work that is selected, before anything is typed the first one', matches: typed('x') },
  { id: 'heal-all', group: 'Fault menu', keys: 'X', does: 'likewise: heals all that were injected by hand', matches: typed('X') },
  { id: 'choice-before', group: 'Fault menu', keys: '←', does: 'takes the choice before, in a field that has choices', matches: plainArrow('leftArrow') },
  { id: 'choice-after', group: 'Fault menu', keys: '→', does: 'takes the next choice, in a field that has choices', matches: plainArrow('rightArrow') },
  { id: 'erase', group: 'Fault menu', keys: 'Backspace', does: 'takes away the last character of what was typed', matches: (press) => press.backspace === true || press.delete === true },
  { id: 'menu-back', group: 'Fault menu', keys: 'Esc', does: 'goes back by one step, and out of the menu', hint: 'back', matches: (press) => press.escape === true },
  { id: 'type', group: 'Fault menu', keys: 'letters, digits', does: 'narrow the list of faults down, or are written into the field', matches: ({ input, ctrl, meta }) => input !== '' && ctrl !== true && meta !== true },

  { id: 'toggle', group: 'Playing a journal', keys: 'Space', does: 'plays and pauses', hint: 'play', matches: typed(' ') },
  { id: 'step', group: 'Playing a journal', keys: '.', does: 'goes on by one event', hint: 'step', hintKey: '. ,', matches: typed('.') },
  { id: 'step-back', group: 'Playing a journal', keys: ',', does: 'goes back by one event', matches: typed(',') },
  { id: 'faster', group: 'Playing a journal', keys: '+', does: 'plays faster', hint: 'speed', hintKey: '+ -', matches: typed('+', '=') },
  { id: 'slower', group: 'Playing a journal', keys: '-', does: 'plays slower', matches: typed('-', '_') },
  { id: 'forward', group: 'Playing a journal', keys: '>, Shift-→', does: 'leaps forward', hint: 'leap', hintKey: '> <', matches: (press) => typed('>')(press) || (press.rightArrow === true && press.shift === true) },
  { id: 'back-in-time', group: 'Playing a journal', keys: '<, Shift-←', does: 'leaps back', matches: (press) => typed('<')(press) || (press.leftArrow === true && press.shift === true) },
  { id: 'next-failure', group: 'Playing a journal', keys: 'n', does: 'goes to the next failure', hint: 'failure', hintKey: 'n N', matches: typed('n') },
  { id: 'previous-failure', group: 'Playing a journal', keys: 'N', does: 'goes to the failure before', matches: typed('N') },
  { id: 'start', group: 'Playing a journal', keys: 'g', does: 'goes to the beginning', matches: typed('g') },
  { id: 'end', group: 'Playing a journal', keys: 'G', does: 'goes to the end', matches: typed('G') },
] as const satisfies readonly KeyEntry[];

export type KeyId = (typeof keyHelp)[number]['id'];

/** What a key means where the keys of these groups are heard, the first one first. */
export function keyIn(groups: readonly KeyGroup[], press: KeyPress): KeyId | undefined {
  for (const group of groups) {
    const found = keyHelp.find((entry) => entry.group === group && entry.matches(press));
    if (found !== undefined) return found.id;
  }
  return undefined;
}
