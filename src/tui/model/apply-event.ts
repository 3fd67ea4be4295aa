import type { JournalEvent } from '../../journal/events.ts';
import { foldDependencies } from './fold-dependencies.ts';
import { foldFleet } from './fold-fleet.ts';
import { foldJobs } from './fold-jobs.ts';
import { foldRun } from './fold-run.ts';
import { foldTimeline } from './fold-timeline.ts';
import type { ScreenState } from './screen-state.ts';

/**
 * Changes `state` in place. The only way in which a screen learns anything: the same events give the same
 * state, live and on replay; events of a type that is not known change nothing but the position.
 */
export function applyEvent(state: ScreenState, event: JournalEvent): void {
  state.seq = event.seq;
  state.atMs = event.mono_ms;
  foldRun(state, event);
  foldFleet(state, event);
  foldDependencies(state, event);
  foldJobs(state, event);
  foldTimeline(state, event);
}
