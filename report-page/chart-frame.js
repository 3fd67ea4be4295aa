// @ts-check
import { colour } from './theme.js';

/**
 * @typedef {{ fromMs: number, toMs: number, state: string, text: string, seq: number }} Segment
 * @typedef {{ name: string, segments: Segment[] }} Lane
 * @typedef {{ atMs: number, kind: 'exit' | 'start' | 'resume', text: string, seq: number }} Mark
 * @typedef {{ id: string, kind: 'levels' | 'latency' | 'lanes', data: any[] }} Chart
 * @typedef {{ startMs: number, endMs: number, faults: Lane[], marks: Mark[], page?: string, charts: Chart[] }} Group
 * @typedef {{ group: Group, key: string, axisWidth: number, open: (seq: number) => void, say: (text: string) => void }} Surroundings
 * @typedef {{ seq: number, text: string } | undefined} Found
 */

export const font = '12px system-ui, "DejaVu Sans", sans-serif';
/** Of lines, so that colour does not tell them apart alone. */
export const dashes = [[], [6, 4], [2, 3], [10, 4, 2, 4], [12, 5], [4, 2]];
const nearPixels = 7;
/** In which a second click makes a double click, as most systems have it. */
const doubleClickMs = 400;
const glyphs = { exit: '▼', start: '▲', resume: '◆' };

/**
 * What all charts have in common: the time axis, the cursor that they share, faults as shaded stretches, marks, and a
 * click that leads to an event.
 * @param {Surroundings} around
 * @param {{ width: number, height: number, y: uPlot.Axis, range: [number, number], series: uPlot.Series[], logarithmic?: boolean, downwards?: boolean,
 *   draw?: (u: uPlot) => void, find: (u: uPlot, seconds: number, top: number) => Found }} chart
 * @returns {uPlot.Options}
 */
export function frame(around, { width, height, y, range, series, logarithmic = false, downwards = false, draw, find }) {
  const { group, key, axisWidth } = around;
  const stroke = colour('muted');
  const grid = { stroke: colour('line'), width: 1 };
  /** @param {uPlot} u */
  const under = (u) => {
    const { left = 0, top = 0 } = u.cursor;
    if (left < 0) return undefined;
    const seconds = u.posToVal(left, 'x');
    const mark = group.marks.find(({ atMs }) => Math.abs(u.valToPos(atMs / 1000, 'x') - left) <= nearPixels);
    return { seconds, found: mark ?? find(u, seconds, top) };
  };
  return {
    width,
    height,
    padding: [14, 12, 0, 0],
    legend: { show: false },
    scales: { x: { time: false, range: (_, min, max) => [min, max] }, y: { range, dir: downwards ? -1 : 1, distr: logarithmic ? 3 : 1 } },
    axes: [
      { stroke, font, grid, ticks: grid, size: 34, values: (_, splits) => splits.map((value) => `${Number(value.toFixed(3))} s`) },
      { stroke, font, grid, ticks: grid, size: axisWidth, ...y },
    ],
    series: [{}, ...series],
    cursor: { y: false, sync: { key, scales: ['x', null] }, drag: { x: true, y: false, dist: 4 }, points: { show: false } },
    hooks: {
      drawClear: [(u) => shadeFaults(u, group.faults)],
      draw: [...(draw === undefined ? [] : [draw]), (u) => drawMarks(u, group.marks)],
      ready: [
        (u) => {
          let pressedAt = 0;
          let opening = 0;
          u.over.addEventListener('mousedown', ({ clientX }) => void (pressedAt = clientX));
          u.over.addEventListener('mouseleave', () => around.say(''));
          u.over.addEventListener('mousemove', () => {
            const at = under(u);
            u.over.style.cursor = at?.found === undefined ? '' : 'pointer';
            around.say(at === undefined ? '' : `${at.seconds.toFixed(2)} s${at.found === undefined ? '' : ` · ${at.found.text}`}`);
          });
          u.over.addEventListener('click', ({ clientX }) => {
            const found = Math.abs(clientX - pressedAt) > 3 ? undefined : under(u)?.found;
            clearTimeout(opening);
            // It may be the first half of a double click, which shows the whole again.
            if (found !== undefined) opening = setTimeout(() => around.open(found.seq), isZoomed(u, group) ? doubleClickMs : 0);
          });
          u.over.addEventListener('dblclick', () => clearTimeout(opening));
        },
      ],
    },
  };
}

/** @param {uPlot} u @param {Group} group */
function isZoomed(u, { startMs, endMs }) {
  const { min, max } = u.scales.x ?? {};
  return min !== startMs / 1000 || max !== endMs / 1000;
}

/** All of the run, and the times in between at which something changes: the cursor stops at those. @param {Group} group @param {number[]} atMs */
export function timesOf({ startMs, endMs }, atMs) {
  return [...new Set([startMs, ...atMs.filter((ms) => ms > startMs && ms < endMs), endMs])].sort((a, b) => a - b).map((ms) => ms / 1000);
}

/** @param {uPlot} u @param {Lane[]} faults */
function shadeFaults(u, faults) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour('fault-shade');
  ctx.beginPath();
  for (const { segments } of faults) {
    for (const { fromMs, toMs } of segments) {
      const left = u.valToPos(fromMs / 1000, 'x', true);
      ctx.rect(left, bbox.top, Math.max(2, u.valToPos(toMs / 1000, 'x', true) - left), bbox.height);
    }
  }
  // As one path: several at once are shaded once.
  ctx.fill();
  ctx.restore();
}

/** @param {uPlot} u @param {Mark[]} marks */
function drawMarks(u, marks) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  ctx.font = canvasFont();
  for (const { atMs, kind } of marks) {
    const x = u.valToPos(atMs / 1000, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(`mark-${kind}`);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(glyphs[kind], x, bbox.top);
  }
  ctx.restore();
}

/** Canvases are drawn in pixels of the device. */
export function canvasFont() {
  return font.replace(/^\d+/, (size) => String(Number(size) * devicePixelRatio));
}
