import type { Area } from '../layout/layout.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import type { PanelName } from '../ui/ui-state.ts';
import { breakersPanel, breakersView } from './breakers.ts';
import { dependenciesPanel, dependenciesView } from './dependencies.ts';
import { eventsPanel, eventsView } from './events.ts';
import { fleetPanel, fleetView } from './fleet.ts';
import { jobsPanel, jobsView } from './jobs.ts';
import type { PanelView } from './panel.ts';
import { timelinePanel, timelineRows } from './timeline.ts';

export interface Panel {
  /** Exactly `area.height` lines, each painted and of `area.width` cells. */
  readonly draw: (props: ScreenProps, area: Area) => string[];
  /** What can be selected in it. */
  readonly view: (props: ScreenProps, area: Area) => Pick<PanelView, 'rows' | 'followsEnd'>;
}

export const panels: Readonly<Record<PanelName, Panel>> = {
  fleet: { draw: fleetPanel, view: fleetView },
  dependencies: { draw: dependenciesPanel, view: dependenciesView },
  breakers: { draw: breakersPanel, view: breakersView },
  jobs: { draw: jobsPanel, view: jobsView },
  timeline: { draw: timelinePanel, view: (props, area) => ({ rows: timelineRows(props, area.width), followsEnd: true }) },
  events: { draw: eventsPanel, view: eventsView },
};
