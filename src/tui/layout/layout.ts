import { panelOrder, type PanelName } from '../ui/ui-state.ts';

/** In cells from the upper left corner. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What there is to be shown beside the panels. */
export interface LayoutNeeds {
  readonly player: boolean;
  readonly runs: boolean;
  /** This panel alone. */
  readonly zoomed: PanelName | undefined;
  /** Rows with which the fleet is whole, title included. */
  readonly fleetRows: number;
  /** Those that it has where agents share rows. */
  readonly foldedFleetRows: number;
}

export interface Layout {
  /** Nothing but a line that says so. */
  readonly tooSmall: boolean;
  readonly header: Area;
  readonly runs: Area | undefined;
  /** Where panels stand, and overlays. */
  readonly body: Area;
  readonly panels: Readonly<Partial<Record<PanelName, Area>>>;
  readonly player: Area | undefined;
  readonly footer: Area;
}

export const leastColumns = 40;
export const leastRows = 10;

/** Where everything stands: areas neither overlap nor leave the screen. */
export function layout(columns: number, rows: number, needs: LayoutNeeds): Layout {
  const tooSmall = columns < leastColumns || rows < leastRows;
  const row = (y: number, height: number): Area => ({ x: 0, y, width: columns, height });
  if (tooSmall) return { tooSmall, header: row(0, Math.min(1, rows)), runs: undefined, body: row(0, 0), panels: {}, player: undefined, footer: row(0, 0) };
  const headerRows = rows >= 34 && columns >= 80 ? 4 : rows >= 12 ? 2 : 1;
  const runs = needs.runs ? row(headerRows, 1) : undefined;
  const top = headerRows + (runs === undefined ? 0 : 1);
  const player = needs.player ? row(rows - 2, 1) : undefined;
  const body = row(top, rows - top - (player === undefined ? 1 : 2));
  return { tooSmall, header: row(0, headerRows), runs, body, panels: needs.zoomed === undefined ? panelsIn(body, needs) : { [needs.zoomed]: body }, player, footer: row(rows - 1, 1) };
}

function panelsIn(body: Area, needs: LayoutNeeds): Layout['panels'] {
  if (body.width >= 150 && body.height >= 30) return huge(body, needs);
  if (body.width >= 110 && body.height >= 28) return wide(body, needs);
  return body.width >= 80 && body.height >= 18 ? standard(body, needs) : stacked(body);
}

/** 80×24 and up: fleet beside what it depends on, then jobs, timeline and events over the whole width. */
function standard(body: Area, { fleetRows, foldedFleetRows }: LayoutNeeds): Layout['panels'] {
  const fleetWidth = Math.min(70, Math.max(45, Math.floor((body.width - 1) * 0.55)));
  const upper = fleetRows <= body.height * 0.5 ? Math.max(8, fleetRows) : Math.max(8, Math.min(foldedFleetRows, Math.floor(body.height * 0.4)));
  const lower = body.height - upper;
  const events = lower < 13 ? 3 : Math.max(4, Math.floor(lower * 0.25));
  const timeline = Math.max(4, Math.min(12, Math.floor(lower * 0.36)));
  const [left, right] = beside({ ...body, height: upper }, fleetWidth);
  const [dependencies, breakers] = above(right, 5);
  const [jobs, timelineArea, eventsArea] = stack({ ...body, y: body.y + upper, height: lower }, [lower - events - timeline, timeline, events]);
  return { fleet: left, dependencies, breakers, jobs: jobs as Area, timeline: timelineArea as Area, events: eventsArea as Area };
}

/** 120×40: the whole fleet, and beside it what it depends on and what happens; below it jobs and the timeline. */
function wide(body: Area, { fleetRows }: LayoutNeeds): Layout['panels'] {
  // Before there is a fleet its table is short, and what stands beside it needs its rows all the same.
  const upper = Math.max(14, Math.min(fleetRows, body.height - 11));
  const [upperArea, lowerArea] = above(body, upper);
  const [fleet, right] = beside(upperArea, 62);
  const breakerRows = Math.max(4, Math.floor((upper - 5) * 0.45));
  const [dependencies, breakers, events] = stack(right, [5, breakerRows, upper - 5 - breakerRows]);
  const [jobs, timeline] = beside(lowerArea, 62);
  return { fleet, dependencies: dependencies as Area, breakers: breakers as Area, jobs, timeline, events: events as Area };
}

/** From 150 columns on: jobs have a column of their own. */
function huge(body: Area, { fleetRows }: LayoutNeeds): Layout['panels'] {
  const upper = Math.max(Math.min(fleetRows, body.height - 12), Math.floor(body.height / 2));
  const [upperArea, lowerArea] = above(body, upper);
  const [fleet, rest] = beside(upperArea, body.width >= 180 ? 84 : 66);
  const [middle, jobs] = beside(rest, Math.floor((rest.width - 1) * 0.46));
  const [dependencies, breakers] = above(middle, 5);
  const [timeline, events] = beside(lowerArea, Math.floor((lowerArea.width - 1) * 0.55));
  return { fleet, dependencies, breakers, jobs, timeline, events };
}

/** In the order in which panels are given up where there is no room, and the rows that each needs at least. */
const stackedRows: readonly (readonly [PanelName, number])[] = [
  ['jobs', 3],
  ['dependencies', 5],
  ['fleet', 5],
  ['timeline', 4],
  ['breakers', 3],
  ['events', 3],
];

function stacked(body: Area): Layout['panels'] {
  const shown = new Map<PanelName, number>();
  let left = body.height;
  for (const [panel, least] of stackedRows) {
    // The first one has to do with whatever is there.
    if (shown.size > 0 && left < least) break;
    shown.set(panel, Math.min(left, least));
    left -= Math.min(left, least);
  }
  const growing = shown.has('events') ? 'events' : shown.has('fleet') ? 'fleet' : 'jobs';
  const half = Math.floor(left / 2);
  shown.set('jobs', (shown.get('jobs') ?? 0) + half);
  shown.set(growing, (shown.get(growing) ?? 0) + left - half);
  const names = panelOrder.filter((panel) => shown.has(panel));
  const areas = stack(
    body,
    names.map((name) => shown.get(name) as number),
  );
  return Object.fromEntries(names.map((name, index) => [name, areas[index] as Area]));
}

/** The left one of `width` cells, a cell between them. */
function beside(area: Area, width: number): [Area, Area] {
  return [
    { ...area, width },
    { ...area, x: area.x + width + 1, width: area.width - width - 1 },
  ];
}

function above(area: Area, height: number): [Area, Area] {
  return [
    { ...area, height },
    { ...area, y: area.y + height, height: area.height - height },
  ];
}

function stack(area: Area, heights: readonly number[]): Area[] {
  let y = area.y;
  return heights.map((height) => {
    y += height;
    return { ...area, y: y - height, height };
  });
}
