import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricDefinition } from '../src/telemetry/metrics/definition.ts';
import { metricDefinitions } from '../src/telemetry/metrics/registry.ts';

/** Writes the table of metrics in `docs/monitoring.md` between its two markers: `node scripts/metrics-doc.ts`. */
export const documentPath = join(import.meta.dirname, '..', 'docs', 'monitoring.md');

export function render(document: string): string {
  return document.replace(/(<!-- metrics -->\n)[\s\S]*?(<!-- \/metrics -->)/, (_, begin: string, end: string) => `${begin}\n${table()}\n\n${end}`);
}

function table(): string {
  const rows = Object.entries<MetricDefinition>(metricDefinitions).map(([name, { kind, help, labels = {} }]) => {
    const values = Object.entries(labels).map(([label, known]) => `\`${label}\`: ${typeof known === 'string' ? known : known.join(', ')}`);
    return `| \`netra_${name}\` | ${kind} | ${values.join('; ')} | ${help} |`;
  });
  return ['| metric | kind | labels and their values | what it says |', '|---|---|---|---|', ...rows].join('\n');
}

if (import.meta.main) await writeFile(documentPath, render(await readFile(documentPath, 'utf8')));
