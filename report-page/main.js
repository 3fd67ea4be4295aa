// @ts-check
import { drawCharts } from './charts.js';
import { wireEvents } from './event-list.js';
import { wireTheme } from './theme.js';

wireEvents();
const groups = ['chart-data', 'control-chart-data'].map((id) =>
  drawCharts(id, (seq, page) => {
    if (page === undefined) location.hash = `event-${seq}`;
    else location.href = `${page}#event-${seq}`;
  }),
);
wireTheme(() => {
  for (const { redraw } of groups) redraw();
});
