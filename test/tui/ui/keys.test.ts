import { describe, expect, it } from 'vitest';
import { reduceKey } from '../../../src/tui/ui/keys.ts';
import type { KeyPress } from '../../../src/tui/ui/key-help.ts';
import { newUiState, panelOrder, type UiAction, type UiState } from '../../../src/tui/ui/ui-state.ts';
import type { ScreenProps } from '../../../src/tui/ui/screen-props.ts';
import { menuChoices } from '../menu-choices.ts';
import { propsOf, stateAfter, recorded, stateOf } from '../recorded.ts';

const redisOpen = (): ScreenProps => propsOf(stateAfter('redis-drop', (event) => event.type === 'breaker.transition'));
const names: Readonly<Record<string, KeyPress>> = {
  Tab: { input: '', tab: true },
  ShiftTab: { input: '', tab: true, shift: true },
  Left: { input: '', leftArrow: true },
  Right: { input: '', rightArrow: true },
  ShiftLeft: { input: '', leftArrow: true, shift: true },
  ShiftRight: { input: '', rightArrow: true, shift: true },
  Up: { input: '', upArrow: true },
  Down: { input: '', downArrow: true },
  PgUp: { input: '', pageUp: true },
  PgDn: { input: '', pageDown: true },
  Home: { input: '', home: true },
  End: { input: '', end: true },
  Enter: { input: '', return: true },
  Esc: { input: '', escape: true },
  Backspace: { input: '', backspace: true },
};

/** Presses keys one after the other: names of keys, or what is typed. */
function press(props: ScreenProps, ...keys: readonly string[]): { ui: UiState; actions: UiAction[] } {
  let { ui } = props;
  const actions: UiAction[] = [];
  for (const key of keys) {
    const outcome = reduceKey(ui, names[key] ?? { input: key }, { ...props, ui });
    ({ ui } = outcome);
    if (outcome.action !== undefined) actions.push(outcome.action);
  }
  return { ui, actions };
}

describe('keys in the panels', () => {
  it('P03 Tab and the arrows go round the panels, both ways', () => {
    const props = redisOpen();
    const seen = panelOrder.map((_, index) => press(props, ...Array.from({ length: index }, () => 'Tab')).ui.focus);
    expect(seen).toEqual(panelOrder);
    expect(press(props, ...panelOrder.map(() => 'Right')).ui.focus).toBe(panelOrder[0]);
    expect(press(props, 'ShiftTab').ui.focus).toBe('events');
    expect(press(props, 'Left').ui.focus).toBe('events');
  });

  it('P03 panels that the screen has no room for are passed over', () => {
    const props = { ...redisOpen(), columns: 40, rows: 10 };
    expect([press(props).ui.focus, press(props, 'Tab').ui.focus, press(props, 'Tab', 'Tab').ui.focus]).toEqual(['fleet', 'jobs', 'dependencies']);
  });

  it('P03 what is selected stays selected where rows come before it', () => {
    const events = recorded('redis-drop');
    const second = events.findIndex((event) => event.type === 'job.submitted' && event.job === 'job-2');
    const ui = { ...newUiState(), focus: 'jobs' as const };
    const before = propsOf(stateOf(events.slice(0, second + 1)), { ui });
    const chosen = press(before, 'Down').ui;
    expect(chosen.selected.jobs).toMatch(/-job-1$/);
    const after = propsOf(stateOf(events.slice(0, second + 3)), { ui: chosen });
    expect(press(after, 'Up').ui.selected.jobs).toMatch(/-job-2$/);
    expect(press(after, 'Enter').ui.overlay).toMatchObject({ kind: 'detail', panel: 'jobs', key: chosen.selected.jobs });
  });

  it('P03 the newest event is followed until another one is selected, and again from End on', () => {
    const props = { ...redisOpen(), ui: { ...newUiState(), focus: 'events' as const } };
    expect(press(props).ui.selected.events).toBeUndefined();
    expect(Number(press(props, 'Up', 'Up').ui.selected.events)).toBeGreaterThan(0);
    expect(press(props, 'Up', 'Up', 'End').ui.selected.events).toBeUndefined();
    expect(press(props, 'Up', 'Down').ui.selected.events).toBeUndefined();
    const [first] = props.state.tail.last();
    expect(press(props, 'Home').ui.selected.events).toBe(String(first?.seq));
  });

  it('P03 Enter unfolds the business agents where they share a row, and folds them again', () => {
    const props = redisOpen();
    const at = press(props, 'End');
    expect(at.ui.selected.fleet).toBe('group/business-1');
    expect(press(props, 'End', 'Enter').ui.unfolded).toEqual(['business-1']);
    expect(press(props, 'End', 'Enter', 'Down', 'Enter').ui.overlay).toMatchObject({ kind: 'detail', panel: 'fleet', key: 'business-1/aftersales' });
    expect(press(props, 'End', 'Enter', 'Enter').ui.unfolded).toEqual([]);
  });

  it('P03 z gives a panel the whole screen; Tab passes it on, Esc gives it back', () => {
    const props = redisOpen();
    expect(press(props, 'z').ui).toMatchObject({ zoomed: true, focus: 'fleet' });
    expect(press(props, 'z', 'Tab').ui).toMatchObject({ zoomed: true, focus: 'dependencies' });
    expect(press(props, 'z', 'Esc').ui.zoomed).toBe(false);
  });

  it('P03 q asks for the end and Esc never does; p pauses, and brackets change runs where there are several', () => {
    const props = redisOpen();
    expect(press(props, 'q').actions).toEqual([{ kind: 'quit' }]);
    expect(press(props, 'Esc', 'Esc', 'Esc').actions).toEqual([]);
    expect(press(props, 'p')).toMatchObject({ ui: { paused: true }, actions: [{ kind: 'pause' }] });
    expect(press(props, 'p', 'p').ui.paused).toBe(false);
    expect(press(props, '[', ']').actions).toEqual([]);
    expect(press({ ...props, runs: { tabs: [], shown: 0 } }, '[', ']').actions).toEqual([
      { kind: 'show-run', step: -1 },
      { kind: 'show-run', step: 1 },
    ]);
  });

  it('P03 with something open q closes that; keys of panels scroll, no further than there is something', () => {
    const props = redisOpen();
    expect(press(props, '?', 'q')).toMatchObject({ ui: { overlay: { kind: 'none' } }, actions: [] });
    expect(press(props, '?', 'Down', 'j').ui.overlay).toEqual({ kind: 'help', scroll: 2 });
    expect(press(props, '?', 'Up').ui.overlay).toEqual({ kind: 'help', scroll: 0 });
    const end = press(props, '?', 'End').ui.overlay;
    expect(end.kind === 'help' && end.scroll).toBeGreaterThan(20);
    expect(press(props, '?', 'End', 'PgDn', 'Down').ui.overlay).toEqual(end);
    expect(press(props, '?', 'End', 'Up', 'End').ui.overlay).toEqual(end);
    const up = press(props, '?', 'End', 'Up').ui.overlay;
    expect(up.kind === 'help' && Number.isFinite(up.scroll) && up.scroll).toBeGreaterThan(20);
    expect(press(props, 'c').ui.overlay.kind).toBe('checks');
  });

  it('P03 keys with Ctrl or Alt, and keys that mean nothing, change nothing', () => {
    const props = redisOpen();
    for (const key of [{ input: 'q', ctrl: true }, { input: 'f', meta: true }, { input: 'Q' }, { input: '' }]) expect(reduceKey(props.ui, key, props)).toEqual({ ui: props.ui });
  });

  it('P03 what is typed faster than it is read is taken key by key', () => {
    expect(press(redisOpen(), 'jj').ui.selected.fleet).toBe('control-1/data');
  });
});

describe('keys while a journal is played', () => {
  const player = { positionMs: 0, lengthMs: 10_000, playing: false, speed: 1, seq: 1, events: 100, marks: [] };

  it('P03 every command of the player has its key, which does nothing where nothing is played', () => {
    const keys = [' ', '.', ',', '+', '=', '-', '>', '<', 'ShiftRight', 'ShiftLeft', 'n', 'N', 'g', 'G', 'p'];
    const commands = press({ ...redisOpen(), player }, ...keys).actions.map((action) => action.kind === 'player' && action.command);
    expect(commands).toEqual(['toggle', 'step', 'step-back', 'faster', 'faster', 'slower', 'forward', 'back', 'forward', 'back', 'next-failure', 'previous-failure', 'start', 'end', 'toggle']);
    expect(press(redisOpen(), ...keys.slice(0, -1)).actions).toEqual([]);
  });

  it('P03 arrows without Shift go on moving among panels', () => {
    expect(press({ ...redisOpen(), player }, 'Right')).toMatchObject({ ui: { focus: 'dependencies' }, actions: [] });
  });
});

describe('keys in the fault menu', () => {
  const menu = (): ScreenProps => ({ ...redisOpen(), choices: menuChoices });

  it('P03 a fault is chosen, then its target, then its values, and Enter injects it', () => {
    const typed = press(menu(), 'f', 'Enter', 'Down', 'Enter', 'Backspace', 'Backspace', '9', 'Tab', 'Right', 'Tab', 'qfp x', 'Tab', '1a2', 'Enter');
    expect(typed.actions).toEqual([{ kind: 'inject', request: { type: 'latency', target: 'redis', parameters: { latency: '29', stream: 'upstream', note: 'qfp x' }, length: '12' } }]);
    expect(typed.ui.overlay).toEqual({ kind: 'none' });
  });

  it('P03 letters narrow the list down; no key of the screen is heard', () => {
    const narrowed = press(menu(), 'f', 'k', 'i', 'l', 'l');
    expect(narrowed.actions).toEqual([]);
    expect(narrowed.ui.overlay).toMatchObject({ step: { at: 'fault', filter: 'kill' } });
    // Of one that is over at once there is no length to ask for, and where there is one target it is taken.
    expect(press(menu(), 'f', 'kill', 'Enter', 'Enter').ui.overlay).toMatchObject({ step: { at: 'values', target: 'reporting-1' } });
    expect(press(menu(), 'f', 'flush', 'Enter', 'Enter').actions).toEqual([{ kind: 'inject', request: { type: 'flush', target: '', parameters: {}, length: '' } }]);
    expect(press(menu(), 'f', 'down', 'Enter').ui.overlay).toMatchObject({ step: { at: 'values', target: 'redis' } });
  });

  it('P03 Esc goes back step by step, and what was chosen is still selected', () => {
    const at = (keys: readonly string[]): unknown => {
      const { overlay } = press(menu(), ...keys).ui;
      return overlay.kind === 'faults' ? overlay.step : overlay.kind;
    };
    const there = ['f', 'Enter', 'Down', 'Enter'];
    expect(at([...there, 'Esc'])).toEqual({ at: 'target', type: 'latency', selected: 1 });
    expect(at([...there, 'Esc', 'Esc'])).toEqual({ at: 'fault', selected: 'type/latency', filter: '' });
    expect(at([...there, 'Esc', 'Esc', 'Esc'])).toBe('none');
    expect(at(['f', 'down', 'Esc'])).toMatchObject({ at: 'fault', filter: '' });
  });

  it('P03 a fault at work is healed by Enter or x, all of them by X; where none is at work x is a letter', () => {
    expect(press(menu(), 'f', 'Home', 'Up', 'Enter').actions).toEqual([{ kind: 'heal', fault: 'down-redis-1' }]);
    expect(press(menu(), 'f', 'Up', 'x').actions).toEqual([{ kind: 'heal', fault: 'down-redis-1' }]);
    expect(press(menu(), 'f', 'Up', 'X').actions).toEqual([{ kind: 'heal-all' }]);
    expect(press(menu(), 'f', 'x').actions).toEqual([{ kind: 'heal', fault: 'down-redis-1' }]);
    expect(press(menu(), 'f', 'o', 'x')).toMatchObject({ actions: [], ui: { overlay: { step: { filter: 'ox' } } } });
    const nothing = propsOf(stateAfter('redis-drop', (event) => event.type === 'fleet.ready'), { choices: menuChoices });
    expect(press(nothing, 'f', 'x')).toMatchObject({ actions: [], ui: { overlay: { step: { filter: 'x' } } } });
  });

  it('P03 where nothing can be injected the menu opens and Enter does nothing', () => {
    const props = propsOf(stateOf(recorded('kafka-delay').slice(0, 20)));
    expect(press(props, 'f', 'Enter', 'Down', 'Enter')).toMatchObject({ actions: [], ui: { overlay: { kind: 'faults' } } });
    expect(press(props, 'f', 'Esc').ui.overlay.kind).toBe('none');
  });
});
