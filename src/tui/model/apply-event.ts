import type { JournalEvent } from '../../journal/events.ts';
import { foldDependencies } from './fold-dependencies.ts';
import { foldFleet } from './fold-fleet.ts';
import { foldJobs } from './fold-jobs.ts';
import { foldRun } from './fold-run.ts';
import { foldTimeline } from './fold-timeline.ts';
import type { ScreenState } from './screen-state.ts';

/** The timeline comes last: it looks at what the others made. */
const folds = [foldRun, foldFleet, foldDependencies, foldJobs, foldTimeline] as const;

/**
 * Changes `state` in place. The only way in which a screen learns anything: the same events give the same
 * state, live and on replay; events of a type that is not known, or without what their type demands, change nothing but the position.
 */
export function applyEvent(state: ScreenState, event: JournalEvent): void {
  state.seq = event.seq;
  state.atMs = event.mono_ms;
  for (const fold of folds) {
    try {
      fold(state, event);
    } catch {
      // A fleet of somebody else's may leave members out. That is for checks to judge; a screen goes on.
    }
  }
}
