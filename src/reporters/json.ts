import type { ChaosReport } from './chaos-report.ts';
import { defineReporter } from './reporter.ts';

export const json = defineReporter({
  name: 'json',
  summary: 'the object of --json, indented: netra-chaos.json',
  render: (report) => [{ to: 'file', name: 'netra-chaos.json', text: `${jsonText(report, 2)}\n` }],
});

/** JSON leaves DEL, C1 controls and bidirectional overrides as they are; escaped, they mean the same and drive no terminal. */
export function jsonText(report: ChaosReport, indent?: number): string {
  return JSON.stringify(report, null, indent).replaceAll(/[\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
