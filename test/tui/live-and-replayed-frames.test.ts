import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { screenLines } from '../../src/tui/components/screen-lines.ts';
import { LiveSource } from '../../src/tui/live/live-source.ts';
import { PlayedJournal } from '../../src/tui/replay/played-journal.ts';
import type { ScreenProps } from '../../src/tui/ui/screen-props.ts';
import { newUiState, panelOrder, type UiState } from '../../src/tui/ui/ui-state.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';
import { recorded, recordedScenarios } from './recorded.ts';

const instants = 1_000;
const sizes = [[80, 24], [120, 40], [160, 50]] as const;

/** Whatever somebody may look at: panels, details of what is there, checks. */
function looks(job: string): readonly UiState[] {
  const plain = newUiState();
  return [
    ...panelOrder.map((focus) => ({ ...plain, focus })),
    { ...plain, focus: 'jobs', overlay: { kind: 'detail', panel: 'jobs', key: job, scroll: 0 } },
    { ...plain, focus: 'fleet', overlay: { kind: 'detail', panel: 'fleet', key: 'reporting-1/reporting', scroll: 0 } },
    { ...plain, focus: 'breakers', zoomed: true },
    { ...plain, overlay: { kind: 'checks', scroll: 0 } },
  ];
}

describe.each(recordedScenarios)('%s', (scenario) => {
  it(`P03 replayed frames equal live frames at ${instants} instants, to the last character`, async () => {
    const events = recorded(scenario);
    const rng = createRng(scenario);
    const job = events.flatMap((event) => (event.type === 'job.submitted' ? [event.job_id] : []))[0] ?? '';
    const paint = new Chalk({ level: 1 });
    const endMs = (events.at(-1)?.mono_ms ?? 0) + 2_000;
    const frameOf = (shown: Pick<ScreenProps, 'state' | 'nowMs'>, sample: number): string => {
      const [columns, rows] = sizes[sample % sizes.length] as (typeof sizes)[number];
      return screenLines({ ...shown, ui: looks(job)[sample % 10] as UiState, columns, rows, paint, choices: [] }).join('\n');
    };

    const clock = new VirtualClock();
    const source = new LiveSource({ clock, labels: [''] });
    const moments = Array.from({ length: instants }, () => rng.next() * endMs).toSorted((a, b) => a - b);
    let told = 0;
    const live: { readonly sample: number; readonly nowMs: number; readonly frame: string }[] = [];
    for (const [sample, atMs] of moments.entries()) {
      for (let event = events[told]; event !== undefined && event.mono_ms <= atMs; event = events[told]) {
        await clock.advance(Math.max(0, event.mono_ms - clock.monotonicMs()));
        source.onEvent('', event);
        told += 1;
      }
      await clock.advance(Math.max(0, atMs - clock.monotonicMs()));
      const shown = source.frame();
      live.push({ sample, nowMs: shown.nowMs, frame: frameOf(shown, sample) });
    }

    const journal = new PlayedJournal(events);
    const different = live
      .toSorted(() => rng.next() - 0.5)
      .filter(({ sample, nowMs, frame }) => frameOf({ state: journal.stateAt(nowMs), nowMs }, sample) !== frame)
      .map(({ nowMs }) => nowMs);
    expect(different).toEqual([]);
    // Frames that never change would be equal as well.
    expect(new Set(live.map(({ frame }) => frame)).size).toBeGreaterThan(instants / 4);
  });
});
