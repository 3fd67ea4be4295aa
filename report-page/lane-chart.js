// @ts-check
import { canvasFont, frame, timesOf } from './chart-frame.js';
import { colour } from './theme.js';

const laneHeight = 26;
const axisHeight = 50;

/** Colour of a stretch, and how much of its lane it fills: what is worse is fuller, so that colour does not say it alone. @type {Record<string, [string, number]>} */
const looks = {
  closed: ['good', 0.25],
  'half-open': ['warn', 0.6],
  open: ['bad', 0.9],
  isolated: ['bad', 0.9],
  fault: ['fault', 0.8],
  FULL: ['good', 0.8],
  STANDARD: ['level-1', 0.8],
  BASIC: ['level-2', 0.8],
  MINIMAL: ['level-3', 0.8],
  FALLBACK: ['bad', 0.8],
  lost: ['bad', 0.8],
};

/** Names on the left, stretches of time on the right. @param {import('./chart-frame.js').Lane[]} lanes @param {import('./chart-frame.js').Surroundings} around */
export function laneChart(lanes, around) {
  const seconds = timesOf(around.group, lanes.flatMap(({ segments }) => segments.flatMap(({ fromMs, toMs }) => [fromMs, toMs])));
  const options = frame(around, {
    width: 0,
    height: lanes.length * laneHeight + axisHeight,
    range: [-0.5, lanes.length - 0.5],
    downwards: true,
    y: { splits: () => lanes.map((_, index) => index), values: (_, splits) => splits.map((index) => shortened(lanes[index]?.name ?? '', around.axisWidth - 16)), grid: { show: false } },
    series: [{ paths: () => null, points: { show: false } }],
    draw: (u) => drawLanes(u, lanes),
    find: (u, at, top) => {
      const lane = lanes[Math.round(u.posToVal(top, 'y'))];
      const segment = lane?.segments.findLast(({ fromMs, toMs }) => fromMs / 1000 <= at && at <= toMs / 1000);
      return lane === undefined || segment === undefined ? undefined : { seq: segment.seq, text: `${lane.name}: ${segment.text}, ${(segment.fromMs / 1000).toFixed(2)} s to ${(segment.toMs / 1000).toFixed(2)} s` };
    },
  });
  return { options, data: /** @type {uPlot.AlignedData} */ ([seconds, seconds.map(() => null)]), key: [] };
}

/** @param {uPlot} u @param {import('./chart-frame.js').Lane[]} lanes */
function drawLanes(u, lanes) {
  const { ctx, bbox } = u;
  const lane = bbox.height / lanes.length;
  const gap = 5 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = canvasFont();
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  for (const [index, { segments }] of lanes.entries()) {
    const middle = bbox.top + (index + 0.5) * lane;
    let free = bbox.left;
    for (const { fromMs, toMs, state, text } of segments) {
      const [name, share] = looks[state] ?? ['unknown', 0.8];
      const left = Math.max(bbox.left, u.valToPos(fromMs / 1000, 'x', true));
      const right = Math.min(bbox.left + bbox.width, u.valToPos(toMs / 1000, 'x', true));
      if (right < bbox.left || left > bbox.left + bbox.width) continue;
      ctx.fillStyle = colour(name);
      ctx.fillRect(left, middle - (lane * share) / 2, Math.max(2 * devicePixelRatio, right - left), lane * share);
      const word = state === 'fault' ? text.replace(/:.*/s, '') : `${text.includes('↻') ? '↻ ' : ''}${state}`;
      const width = ctx.measureText(word).width;
      // A thin stretch has no room for its word, and a short one has it at its right, where nothing else is.
      if (share < 0.5) free = right;
      else if (width + 2 * gap <= right - left) {
        ctx.fillStyle = colour(`on-${name}`);
        ctx.fillText(word, left + gap, middle);
        free = right;
      } else if (segments.at(-1)?.toMs === toMs && left >= free && right + gap + width < bbox.left + bbox.width) {
        ctx.fillStyle = colour('ink');
        ctx.fillText(word, right + gap, middle);
      }
    }
  }
  ctx.restore();
}

/** In its middle: hosts and breakers differ at both ends. @param {string} name @param {number} width */
function shortened(name, width) {
  const room = Math.floor(width / 6.6);
  if (name.length <= room) return name;
  const end = Math.ceil((room - 1) / 2);
  return `${name.slice(0, room - 1 - end)}…${name.slice(name.length - end)}`;
}
