import { pageAssets } from './html/assets.ts';
import { overviewPage } from './html/overview-page.ts';
import { defineReporter } from './reporter.ts';

export const html = defineReporter({
  name: 'html',
  summary: 'a page with all scenarios, each linked to the report.html of its run folder: netra-chaos.html',
  render: (report, place = (path) => path) => [{ to: 'file', name: 'netra-chaos.html', text: overviewPage(report, place, pageAssets().overview) }],
});
