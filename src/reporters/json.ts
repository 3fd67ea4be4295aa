import { defineReporter } from './reporter.ts';

export const json = defineReporter({
  name: 'json',
  summary: 'the object of --json, indented: netra-chaos.json',
  render: (report) => [{ to: 'file', name: 'netra-chaos.json', text: `${JSON.stringify(report, null, 2)}\n` }],
});
