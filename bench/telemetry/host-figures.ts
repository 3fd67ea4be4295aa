import { readFile } from 'node:fs/promises';

/** Of Linux on all machines that Node runs on. */
const ticksPerSecond = 100;

/** Processor time that a process has used so far, milliseconds; Linux only. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name of the program stands in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}

/** How often a host has counted and observed, told from what it shows. */
export function metricCalls(text: string): number {
  let calls = 0;
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', figure = ''] = /^netra_(\w+?)(\{[^}]*\})? (\S+)$/.exec(line) ?? [];
    // Tokens and sections are added several at a time.
    if (name === 'llm_tokens_total' || name === 'checkpoint_resumed_sections_total') continue;
    if (name === 'llm_latency_seconds_count' && labels.includes('success')) calls += 2 * Number(figure);
    if (name.endsWith('_total') || name.endsWith('_seconds_count') || name.endsWith('_bytes_count')) calls += Number(figure);
  }
  return calls;
}
