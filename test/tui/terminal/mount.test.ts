import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { newScreenState } from '../../../src/tui/model/new-state.ts';
import { mountScreen, type MountOptions } from '../../../src/tui/terminal/mount.tsx';
import type { ScreenSource } from '../../../src/tui/ui/screen-source.ts';
import { fakeTerminal } from '../../helpers/fake-terminal.ts';
import { until } from '../../helpers/until.ts';

const still: ScreenSource = { frame: () => ({ state: newScreenState(), nowMs: 0, choices: [] }), act: () => undefined, onChange: () => () => undefined };
const leavesAlternateScreen = '\u001B[?1049l';

function mounted(source: ScreenSource, more: Partial<MountOptions> = {}) {
  const terminal = fakeTerminal(80, 24);
  const seen: string[] = [];
  const screen = mountScreen({
    source,
    clock: systemClock,
    ...terminal,
    paint: new Chalk({ level: 0 }),
    onQuit: () => seen.push('quit'),
    onInterrupt: () => seen.push('interrupt'),
    onFailure: ({ message }) => seen.push(`failed: ${message}`),
    onKey: () => seen.push('key'),
    ...more,
  });
  return { ...terminal, screen, seen };
}

describe('a screen on a terminal', () => {
  it('P03 takes the terminal and gives it back: alternate screen, cursor, line mode', async () => {
    const { screen, written, isRaw } = mounted(still);
    await until(() => isRaw() && written().includes('Fleet'), 'the first frame');
    expect(written()).toContain('\u001B[?1049h');
    screen.close();
    screen.close();
    await until(() => !isRaw(), 'line mode');
    const end = written().slice(written().lastIndexOf(leavesAlternateScreen));
    expect(end).toContain('\u001B[?25h');
    expect(end).not.toContain('\u001B[?25l');
  });

  it('P03 keys reach it: q quits, Ctrl-C interrupts, and other keys are seen as keys', async () => {
    const { screen, type, seen, isRaw } = mounted(still);
    await until(isRaw, 'raw mode');
    type('\t');
    await until(() => seen.includes('key'), 'the key');
    type('q');
    await until(() => seen.includes('quit'), 'the end');
    type('\u0003');
    await until(() => seen.includes('interrupt'), 'the interruption');
    expect(seen.filter((line) => line === 'quit')).toHaveLength(1);
    screen.close();
  });

  it('P03 keys that come in one piece are taken one by one: held down ones, and pasted text', async () => {
    const shown: string[] = [];
    const { screen, type, isRaw } = mounted(still, { onPaint: ({ ui }) => shown.push(`${ui.focus} ${ui.overlay.kind}`) });
    await until(isRaw, 'raw mode');
    type('\t\t\t');
    await until(() => shown.at(-1) === 'jobs none', 'the third panel after the first');
    type('?');
    await until(() => shown.at(-1) === 'jobs help', 'the help');
    screen.close();
    expect(shown).not.toContain('dependencies none');
  });

  it.each([
    ['where its source fails', 'no frame today', (): ScreenSource => failingAfter(1, () => Promise.reject(new Error('unused')))],
    ['where a frame cannot be drawn', 'marks', (): ScreenSource => failingAfter(Number.POSITIVE_INFINITY, () => undefined, true)],
  ] as const)('P03 %s the terminal is given back and the failure is told, once', async (_, message, source) => {
    const { seen, written, isRaw } = mounted(source());
    await until(() => seen.some((line) => line.startsWith('failed')), 'the failure');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toContain(message);
    expect(written()).toContain(leavesAlternateScreen);
    await until(() => !isRaw(), 'line mode');
  });

  it('P03 a frame fills the terminal as it is now, also after its size has changed', async () => {
    const sizes: string[] = [];
    const { screen, resize, seen } = mounted(still, { onPaint: ({ columns, rows }) => sizes.push(`${columns}×${rows}`) });
    resize(120, 40);
    await until(() => sizes.includes('120×40'), 'the larger frame');
    resize(20, 5);
    await until(() => sizes.includes('20×5'), 'the smaller frame');
    screen.close();
    expect(seen).toEqual([]);
  });
});

/** Gives so many frames and then throws, or gives a state that no panel can draw. */
function failingAfter(frames: number, act: ScreenSource['act'], spoiled = false): ScreenSource {
  let asked = 0;
  return {
    moves: true,
    act,
    onChange: () => () => undefined,
    frame: () => {
      asked += 1;
      if (asked > frames) throw new Error('no frame today');
      const state = newScreenState();
      return { state: spoiled && asked > 1 ? Object.defineProperty({ ...state }, 'marks', { get: () => { throw new Error('marks are spoiled'); } }) : state, nowMs: 0, choices: [] };
    },
  };
}
