import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/netra-resilience.js', import.meta.url));

export interface MeasuredRun {
  /** From starting the process to the line that tells of the first report. */
  readonly firstReportMs: number;
  readonly timings: { readonly infra_ready_ms: number; readonly fleet_ready_ms: number; readonly first_report_ms: number; readonly total_ms: number };
  /** From the fleet being ready to the last report. */
  readonly workMs: number;
  readonly jobs: number;
  /** Highest resident memory of each host, MB, as the kernel counted it. */
  readonly hostPeakMb: ReadonlyMap<string, number>;
}

interface JournalLine {
  readonly type: string;
  readonly mono_ms: number;
  readonly host?: string;
  readonly pid?: number;
}

/** Runs `netra-resilience run` in an empty folder, as a user would, and measures from outside. Throws where the verdict is not `pass`. */
export async function measureRun(args: readonly string[]): Promise<MeasuredRun> {
  const folder = await mkdtemp(join(tmpdir(), 'netra-bench-'));
  try {
    const startedAtMs = performance.now();
    const child = spawn(process.execPath, [bin, 'run', '--json', '--out', 'run', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let firstReportMs = Number.NaN;
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      if (Number.isNaN(firstReportMs) && / report, \d/.test(chunk.toString())) firstReportMs = performance.now() - startedAtMs;
    });
    const hostPeakMb = new Map<string, number>();
    const sampling = setInterval(() => void samplePeaks(join(folder, 'run', 'journal.ndjson'), hostPeakMb), 500);
    const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearInterval(sampling);
    if (exitCode !== 0) throw new Error(`netra-resilience run ${args.join(' ')} ended with ${exitCode}: ${output}`);
    const summary = JSON.parse(output) as { timings: MeasuredRun['timings']; jobs: unknown[] };
    const lines = await readLines(join(folder, 'run', 'journal.ndjson'));
    const ready = lines.find((line) => line.type === 'fleet.ready')?.mono_ms ?? Number.NaN;
    const last = lines.findLast((line) => line.type === 'job.reported')?.mono_ms ?? Number.NaN;
    return { firstReportMs, timings: summary.timings, workMs: last - ready, jobs: summary.jobs.length, hostPeakMb };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readLines(path: string): Promise<JournalLine[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalLine);
}

/** Hosts start within the first lines; their peak (VmHWM) only grows, so the last sample before they end counts. */
async function samplePeaks(journal: string, peaks: Map<string, number>): Promise<void> {
  const head = (await readFile(journal, 'utf8').catch(() => '')).slice(0, 64_000);
  for (const match of head.matchAll(/"type":"host\.started","host":"([^"]+)","pid":(\d+)/g)) {
    const status = await readFile(`/proc/${match[2]}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    if (kilobytes !== undefined) peaks.set(match[1] as string, Number(kilobytes) / 1_024);
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
