// @ts-check
import { dashes, frame, timesOf } from './chart-frame.js';
import { colour } from './theme.js';

/** @typedef {{ dependency: string, points: { atMs: number, p50Ms: number, maxMs: number, calls: number, failures: number, seq: number }[] }} LatencyLine */

const leastMs = 0.05;

/** Medians as lines, the slowest calls as dots. @param {LatencyLine[]} lines @param {import('./chart-frame.js').Surroundings} around */
export function latencyChart(lines, around) {
  const seconds = timesOf(around.group, lines.flatMap(({ points }) => points.map(({ atMs }) => atMs)));
  const all = lines.flatMap(({ points }) => points.flatMap(({ p50Ms, maxMs }) => [p50Ms, maxMs])).map((ms) => Math.max(leastMs, ms));
  const range = /** @type {[number, number]} */ ([10 ** Math.floor(Math.log10(Math.min(...all))), 10 ** Math.ceil(Math.log10(Math.max(...all, leastMs * 20)))]);
  const options = frame(around, {
    width: 0,
    height: 230,
    range,
    logarithmic: true,
    y: { splits: () => powersOfTen(range), values: (_, splits) => splits.map((ms) => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`)) },
    series: lines.flatMap((_, index) => [
      { stroke: colour(`series-${(index % 6) + 1}`), width: 2, dash: dashes[index % dashes.length] ?? [], spanGaps: true, points: { show: true, size: 4, fill: colour(`series-${(index % 6) + 1}`) } },
      { stroke: colour(`series-${(index % 6) + 1}`), paths: () => null, points: { show: true, size: 6, width: 1.5, fill: colour('surface') } },
    ]),
    find: (u, at, top) => {
      const near = lines
        .flatMap(({ dependency, points }) => points.map((point) => ({ dependency, point, distance: Math.hypot(u.valToPos(point.atMs / 1000, 'x') - u.valToPos(at, 'x'), Math.min(...[point.p50Ms, point.maxMs].map((ms) => Math.abs(u.valToPos(Math.max(leastMs, ms), 'y') - top)))) })))
        .sort((a, b) => a.distance - b.distance)[0];
      if (near === undefined || near.distance > 40) return undefined;
      const { p50Ms, maxMs, calls, failures, seq } = near.point;
      return { seq, text: `${near.dependency}: median ${p50Ms.toFixed(1)} ms, slowest ${maxMs.toFixed(0)} ms of ${calls} calls, ${failures} failed` };
    },
  });
  const columns = lines.flatMap(({ points }) => {
    const byTime = new Map(points.map((point) => [point.atMs / 1000, point]));
    return [(/** @type {number} */ at) => byTime.get(at)?.p50Ms, (/** @type {number} */ at) => byTime.get(at)?.maxMs].map((value) => seconds.map((at) => {
      const found = value(at);
      return found === undefined ? null : Math.max(leastMs, found);
    }));
  });
  return { options, data: /** @type {uPlot.AlignedData} */ ([seconds, ...columns]), key: lines.map(({ dependency }, index) => ({ name: dependency, colour: colour(`series-${(index % 6) + 1}`), dash: dashes[index % dashes.length] ?? [], width: 2 })) };
}

/** @param {[number, number]} range */
function powersOfTen([least, most]) {
  const count = Math.round(Math.log10(most / least)) + 1;
  return Array.from({ length: count }, (_, index) => Number((least * 10 ** index).toPrecision(1)));
}
