import { readFileSync } from 'node:fs';
import { Chalk } from 'chalk';
import type { JournalEvent } from '../../src/journal/events.ts';
import { applyEvent } from '../../src/tui/model/apply-event.ts';
import { newScreenState } from '../../src/tui/model/new-state.ts';
import type { ScreenState } from '../../src/tui/model/screen-state.ts';
import type { ScreenProps } from '../../src/tui/ui/screen-props.ts';
import { newUiState } from '../../src/tui/ui/ui-state.ts';

export const recordedScenarios = ['redis-drop', 'kafka-delay', 'llm-timeout', 'agent-crash'] as const;
export type RecordedScenario = (typeof recordedScenarios)[number];

/** Events of a real run of a scenario; what no screen looks at was left out of them. */
export function recorded(scenario: RecordedScenario): readonly JournalEvent[] {
  return readFileSync(new URL(`journals/${scenario}.ndjson`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEvent);
}

export function stateOf(events: readonly JournalEvent[]): ScreenState {
  const state = newScreenState();
  for (const event of events) applyEvent(state, event);
  return state;
}

/** The state right after the first event of which this is true. */
export function stateAfter(scenario: RecordedScenario, found: (event: JournalEvent) => boolean): ScreenState {
  const events = recorded(scenario);
  const index = events.findIndex(found);
  if (index < 0) throw new Error(`${scenario} has no such event`);
  return stateOf(events.slice(0, index + 1));
}

/** Without colour, at 80×24, nothing chosen. */
export function propsOf(state: ScreenState, more: Partial<ScreenProps> = {}): ScreenProps {
  return { state, nowMs: state.atMs, ui: newUiState(), columns: 80, rows: 24, paint: new Chalk({ level: 0 }), choices: [], ...more };
}
