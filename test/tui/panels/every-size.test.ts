import { Chalk } from 'chalk';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { screenLines } from '../../../src/tui/components/screen-lines.ts';
import { panels } from '../../../src/tui/panels/index.ts';
import { panelOrder, newUiState, type Overlay } from '../../../src/tui/ui/ui-state.ts';
import { menuChoices } from '../menu-choices.ts';
import { propsOf, recorded, recordedScenarios, stateOf } from '../recorded.ts';

const journals = recordedScenarios.map(recorded);
const overlays: readonly Overlay[] = [
  { kind: 'none' },
  { kind: 'help', scroll: 5 },
  { kind: 'checks', scroll: 0 },
  ...panelOrder.map((panel): Overlay => ({ kind: 'detail', panel, key: 'control-1/supervisor', scroll: 2 })),
  { kind: 'faults', step: { at: 'fault', selected: undefined, filter: '' } },
  { kind: 'faults', step: { at: 'target', type: 'latency', selected: 1 } },
  { kind: 'faults', step: { at: 'values', type: 'latency', target: 'redis', field: 1, values: { latency: '300' }, length: '' } },
];
const frame = fc.record({ journal: fc.constantFrom(...journals), part: fc.double({ min: 0, max: 1, noNaN: true }), laterMs: fc.integer({ min: 0, max: 90_000 }), overlay: fc.constantFrom(...overlays), focus: fc.constantFrom(...panelOrder), zoomed: fc.boolean(), level: fc.constantFrom(0 as const, 1 as const) });

describe('every panel at every size', () => {
  it('P03 a panel returns exactly its area, at any instant of a run', () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: 20, max: 250 }), fc.integer({ min: 1, max: 80 }), ({ journal, part, laterMs, focus, level }, width, height) => {
        const state = stateOf(journal.slice(0, Math.floor(journal.length * part)));
        const props = propsOf(state, { nowMs: state.atMs + laterMs, ui: { ...newUiState(), focus }, paint: new Chalk({ level }) });
        for (const panel of panelOrder) {
          const lines = panels[panel].draw(props, { x: 0, y: 0, width, height });
          expect([panel, lines.length]).toEqual([panel, height]);
          for (const line of lines) expect([panel, line, stringWidth(line)]).toEqual([panel, line, width]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('P03 a frame fills the screen and never leaves it, whatever is open', () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: 20, max: 250 }), fc.integer({ min: 5, max: 80 }), fc.boolean(), ({ journal, part, laterMs, overlay, focus, zoomed, level }, columns, rows, several) => {
        const state = stateOf(journal.slice(0, Math.floor(journal.length * part)));
        const player = { positionMs: state.atMs, lengthMs: 30_000, playing: several, speed: 2, seq: state.seq, events: journal.length, marks: [{ atMs: 5_000, kind: 'fault' as const }] };
        const runs = { tabs: [{ label: 'redis-drop', status: 'pass' as const }, { label: 'kafka-delay', status: 'running' as const }], shown: 1 };
        const props = propsOf(state, { nowMs: state.atMs + laterMs, columns, rows, ui: { ...newUiState(), focus, zoomed, overlay }, choices: menuChoices, paint: new Chalk({ level }), ...(several ? { player, runs } : {}) });
        const lines = screenLines(props);
        expect(lines).toHaveLength(columns < 40 || rows < 10 ? 1 : rows);
        expect(lines.filter((line) => stringWidth(line) > columns)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
