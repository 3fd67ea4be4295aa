// @ts-check
import { dashes, frame, timesOf } from './chart-frame.js';
import { colour } from './theme.js';

/** @typedef {{ name: string, steps: { atMs: number, level: number | null, reason: string, seq: number }[] }} LevelLine */

/** Lines at one level would hide each other: each is drawn a little apart from the next. */
const apart = 0.09;
/** After the end of a host its line is broken, also where nothing else happens until it is back. */
const gapMs = 0.1;

/** Steps: the fleet as a filled line, hosts as thin ones. @param {LevelLine[]} lines @param {import('./chart-frame.js').Surroundings} around */
export function levelChart(lines, around) {
  const seconds = timesOf(around.group, lines.flatMap(({ steps }) => steps.flatMap(({ atMs, level }) => (level === null ? [atMs, atMs + gapMs] : [atMs]))));
  const shift = (/** @type {number} */ index) => (index === 0 ? 0 : (index - lines.length / 2) * apart);
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const options = frame(around, {
    width: 0,
    height: 210,
    range: [-0.45, 4.45],
    y: { splits: () => [0, 1, 2, 3, 4], values: (_, splits) => splits.map((level) => `level ${level}`) },
    series: lines.map(({ name }, index) => ({
      label: name,
      stroke: colour(index === 0 ? 'fleet' : `series-${((index - 1) % 6) + 1}`),
      width: index === 0 ? 3.5 : 1.5,
      dash: dashes[index === 0 ? 0 : index % dashes.length] ?? [],
      ...(index === 0 ? { fill: colour('fleet-fill'), fillTo: -0.45 } : {}),
      ...(stepped === undefined ? {} : { paths: stepped }),
      points: { show: false },
    })),
    find: (u, at, top) => {
      const level = u.posToVal(top, 'y');
      const near = lines
        .flatMap((line, index) => {
          const step = stepAt(line, at);
          return step === undefined || step.level === null ? [] : [{ line, step, distance: Math.abs(step.level + shift(index) - level) }];
        })
        .sort((a, b) => a.distance - b.distance)[0];
      return near === undefined ? undefined : { seq: near.step.seq, text: `${near.line.name}: level ${near.step.level} (${near.step.reason})` };
    },
  });
  const data = lines.map((line, index) => seconds.map((at) => {
    const step = stepAt(line, at);
    // A line goes on until the instant at which its host ends: without a point there it would end at the one before.
    const level = step?.level === null && step.atMs / 1000 === at ? line.steps[line.steps.indexOf(step) - 1]?.level : step?.level;
    return level === undefined || level === null ? null : level + shift(index);
  }));
  return { options, data: /** @type {uPlot.AlignedData} */ ([seconds, ...data]), key: lines.map(({ name }, index) => ({ name, colour: colour(index === 0 ? 'fleet' : `series-${((index - 1) % 6) + 1}`), dash: dashes[index === 0 ? 0 : index % dashes.length] ?? [], width: index === 0 ? 3.5 : 1.5 })) };
}

/** @param {LevelLine} line @param {number} seconds */
function stepAt({ steps }, seconds) {
  return steps.findLast(({ atMs }) => atMs / 1000 <= seconds);
}
