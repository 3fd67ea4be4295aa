// @ts-check
import { laneChart } from './lane-chart.js';
import { latencyChart } from './latency-chart.js';
import { levelChart } from './level-chart.js';

const makers = { levels: levelChart, latency: latencyChart, lanes: laneChart };

/** Draws the charts of a group, and again as their colours or the width of the page change. @param {string} dataId @param {(seq: number, page: string | undefined) => void} open */
export function drawCharts(dataId, open) {
  const element = document.getElementById(dataId);
  if (element === null) return { redraw: () => undefined };
  const group = /** @type {import('./chart-frame.js').Group} */ (JSON.parse(element.textContent ?? ''));
  /** @type {{ plot: uPlot, place: HTMLElement }[]} */
  let drawn = [];
  const names = group.charts.flatMap(({ kind, data }) => (kind === 'lanes' ? data.map(({ name }) => String(name)) : []));

  const redraw = () => {
    for (const { plot } of drawn) plot.destroy();
    drawn = group.charts.flatMap(({ id, kind, data }) => {
      const place = document.getElementById(`chart-${id}`);
      const readout = document.getElementById(`readout-${id}`);
      if (place === null || readout === null) return [];
      place.replaceChildren();
      const width = place.clientWidth;
      const { options, data: columns, key } = makers[kind](data, {
        group,
        key: dataId,
        axisWidth: axisWidth(names, width),
        open: (seq) => open(seq, group.page),
        say: (text) => void (readout.textContent = text),
      });
      const plot = new uPlot({ ...options, width }, columns, place);
      if (key.length > 0) place.append(keyOf(key));
      return [{ plot, place }];
    });
  };
  redraw();
  let width = document.documentElement.clientWidth;
  addEventListener('resize', () => {
    if (width !== document.documentElement.clientWidth) redraw();
    width = document.documentElement.clientWidth;
  });
  return { redraw };
}

/** One for all charts, so that their time axes lie above each other. @param {string[]} names @param {number} width */
function axisWidth(names, width) {
  return Math.round(Math.min(Math.max(70, ...names.map((name) => name.length * 6.6 + 24)), width * 0.32));
}

/** Which line is whose: by its dashes as well as by its colour. @param {{ name: string, colour: string, dash: number[], width: number }[]} lines */
function keyOf(lines) {
  const list = document.createElement('ul');
  list.className = 'key';
  for (const { name, colour, dash, width } of lines) {
    const item = document.createElement('li');
    const sample = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    sample.setAttribute('width', '30');
    sample.setAttribute('height', '10');
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    for (const [attribute, value] of Object.entries({ x1: 0, x2: 30, y1: 5, y2: 5, stroke: colour, 'stroke-width': width, 'stroke-dasharray': dash.join(' ') })) line.setAttribute(attribute, String(value));
    sample.append(line);
    item.append(sample, ` ${name}`);
    list.append(item);
  }
  return list;
}
