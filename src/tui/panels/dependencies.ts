import { latency, shortCount, timeLeft } from '../format/durations.ts';
import { dependencyGlyphs, fault as faultGlyph } from '../format/glyphs.ts';
import { column, plain, span, type Line } from '../format/line.ts';
import { sparkline, type SparklinePoint } from '../format/sparkline.ts';
import type { Area } from '../layout/layout.ts';
import { activeFaults, dependencyStatus, type DependencyState, type FaultState, type LatencySample } from '../model/screen-state.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import { drawPanel, markerWidth, type PanelView } from './panel.ts';

/** What a sparkline looks back on where it is wide enough, the most time that a cell of it stands for, and a greatest value below which bars are not stretched. */
const longestWindowMs = 60_000;
const longestCellMs = 2_000;
const leastMaxMs = 20;
/** Younger samples make what a dependency is said to answer in now. */
const nowWindowMs = 3_000;

export function dependenciesView(props: ScreenProps, area: Area): PanelView {
  const { state, nowMs } = props;
  const active = activeFaults(state);
  const rows = [...state.dependencies.values()].map((dependency) => ({
    key: dependency.name,
    line: () => lineOf(dependency, active.filter(({ target }) => target === dependency.name), nowMs, area.width - markerWidth),
  }));
  const bad = [...state.dependencies.values()].filter((dependency) => dependencyStatus(dependency) === 'down').length;
  return { title: bad > 0 ? [span('bad', `${bad} down`)] : [plain(`p50, last ${Math.round(columnsIn(area.width - markerWidth).windowMs / 1_000)} s`)], rows, empty: '' };
}

export function dependenciesPanel(props: ScreenProps, area: Area): string[] {
  return drawPanel('dependencies', dependenciesView(props, area), props, area);
}

/** `redis    ✖ down   ▁▁▂▁×××   12ms   3 failed  ↯ down-redis-1 8s` */
function lineOf(dependency: DependencyState, faults: readonly FaultState[], nowMs: number, width: number): Line {
  const status = dependencyStatus(dependency);
  const { sign, word, tone } = dependencyGlyphs[status];
  const active = faults.at(-1);
  const { faultWidth, withFailures, sparkWidth, windowMs } = columnsIn(width);
  const samples = dependency.samples.last().filter(({ atMs }) => atMs > nowMs - windowMs && atMs <= nowMs);
  const now = status === 'down' ? undefined : medianNow(samples, nowMs);
  return [
    column('strong', dependency.name, 9),
    column(tone, `${sign} ${word}`, 7),
    plain(sparkline(points(samples, nowMs, sparkWidth, windowMs), leastMaxMs)),
    column('plain', now === undefined ? '–' : latency(now), 6, 'right'),
    ...(withFailures ? [column(dependency.failures > 0 ? 'bad' : 'plain', dependency.failures > 0 ? `${shortCount(dependency.failures)}✗` : '', 6, 'right')] : []),
    plain(' '),
    ...(active === undefined ? [] : [column('fault', faultText(active, faults.length, nowMs, faultWidth), faultWidth)]),
  ];
}

function columnsIn(width: number): { readonly faultWidth: number; readonly withFailures: boolean; readonly sparkWidth: number; readonly windowMs: number } {
  const faultWidth = width >= 60 ? 22 : width >= 52 ? 16 : 5;
  const withFailures = width >= 44;
  const sparkWidth = Math.max(4, Math.min(60, width - 9 - 7 - 6 - (withFailures ? 6 : 0) - faultWidth - 1));
  return { faultWidth, withFailures, sparkWidth, windowMs: Math.min(longestWindowMs, sparkWidth * longestCellMs) };
}

/** As much as there is room for: name and time left, or the time alone. */
function faultText(fault: FaultState, count: number, nowMs: number, width: number): string {
  const left = fault.lastsMs === undefined ? '' : timeLeft(fault.injectedAtMs + fault.lastsMs - nowMs);
  const more = count > 1 ? `+${count - 1}` : '';
  if (width < 10) return `${faultGlyph.sign}${left === '' ? 'on' : left}`;
  return `${faultGlyph.sign} ${fault.type} ${left}${more}`.trimEnd();
}

/** Time from the left to `nowMs`, a column the greatest p50 in its part of the window. */
function points(samples: readonly LatencySample[], nowMs: number, width: number, windowMs: number): SparklinePoint[] {
  const columnMs = windowMs / width;
  const found: SparklinePoint[] = Array.from({ length: width }, () => 'none');
  for (const { atMs, calls, failures, p50Ms } of samples) {
    if (calls === 0) continue;
    const index = Math.max(0, Math.min(width - 1, width - 1 - Math.floor((nowMs - atMs) / columnMs)));
    const before = found[index];
    // Where some calls came back, how long they took says more than that others did not.
    if (failures >= calls) found[index] = before === 'none' || before === undefined ? 'failed' : before;
    else found[index] = typeof before === 'number' ? Math.max(before, p50Ms) : p50Ms;
  }
  return found;
}

/** Of the hosts' own medians, weighted by their calls. */
function medianNow(samples: readonly LatencySample[], nowMs: number): number | undefined {
  const recent = samples.filter(({ atMs, calls, failures }) => atMs > nowMs - nowWindowMs && calls > failures).toSorted((a, b) => a.p50Ms - b.p50Ms);
  const total = recent.reduce((sum, { calls }) => sum + calls, 0);
  let seen = 0;
  for (const { calls, p50Ms } of recent) {
    seen += calls;
    if (seen * 2 >= total) return p50Ms;
  }
  return undefined;
}
