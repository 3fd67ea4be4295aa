import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { spawn } from '@lydell/node-pty';
import { createRng } from '../src/core/rng.ts';
import { readWholeJournal } from '../src/journal/reader.ts';
import { PlayedJournal } from '../src/tui/replay/played-journal.ts';
import { journalText, longJournal } from '../test/helpers/long-journal.ts';
import { median, percentile, type Bar, type Benchmark } from './bench.ts';

const bin = fileURLToPath(new URL('../bin/netra-resilience.js', import.meta.url));
const events = 200_000;
const openings = 3;
const seeks = 300;
/** Of a clock tick in /proc: 100 a second on every Linux. */
const tickMs = 10;

interface Took {
  readonly wallMs: number;
  /** Of all threads of the process. */
  readonly cpuMs: number;
}

/** Opening a long journal until its first frame stands on the terminal, and going to any instant of it. */
export const benchmark: Benchmark = {
  name: 'replay',
  summary: `a journal of ${events.toLocaleString('en-US')} events: to its first frame, and to any instant`,
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'netra-bench-'));
    try {
      const path = join(folder, 'journal.ndjson');
      await writeFile(path, journalText(longJournal(events)));
      const opened: { open: Took; end: Took }[] = [];
      for (let index = 0; index < openings + 1; index++) opened.push(await openAndGoToEnd(path, folder));
      // The first one has the compiling of the program in it.
      opened.shift();
      const before = heapMb();
      const { result: recorded, took: read } = await measured(() => readWholeJournal(path));
      const { result: journal, took: fold } = await measured(() => {
        const whole = new PlayedJournal(recorded.events);
        whole.stateAfter(events);
        return whole;
      });
      const withoutCopies = heapMb();
      const { took: prepare } = await measured(() => journal.prepare());
      const withCopies = heapMb();
      const rng = createRng('seeks');
      const took: Took[] = [];
      const shares = [...Array.from({ length: seeks }, () => rng.next()), 0, 1, 0, 1];
      for (const share of shares) took.push((await measured(() => journal.stateAt(share * journal.lengthMs))).took);
      return {
        bars: [
          inTwoWays('first frame on the terminal, median of 3', 3_000, opened.map(({ open }) => open), median),
          inTwoWays('seek to any instant, worst', 100, took, (values) => Math.max(...values)),
        ],
        tables: [
          {
            title: `${events.toLocaleString('en-US')} events, ${((await readFile(path)).length / 1e6).toFixed(0)} MB`,
            columns: ['what', 'time, ms', 'processor, ms'],
            rows: [
              ['from the command to the first frame, median', median(opened.map(({ open }) => open.wallMs)), median(opened.map(({ open }) => open.cpuMs))],
              ['key to the last instant right after it, median', median(opened.map(({ end }) => end.wallMs)), median(opened.map(({ end }) => end.cpuMs))],
              ['reading and checking the file', read.wallMs, read.cpuMs],
              ['folding all of it', fold.wallMs, fold.cpuMs],
              ['making the copies, in slices beside the screen', prepare.wallMs, prepare.cpuMs],
              [`seeks, median of ${seeks}`, median(took.map(({ wallMs }) => wallMs)), median(took.map(({ cpuMs }) => cpuMs))],
              ['seeks, 95th percentile', percentile(took.map(({ wallMs }) => wallMs), 0.95), percentile(took.map(({ cpuMs }) => cpuMs), 0.95)],
            ],
          },
          {
            title: 'Memory',
            columns: ['what', 'MB'],
            rows: [
              ['events and one state', withoutCopies - before],
              ['copies', withCopies - withoutCopies],
            ],
          },
        ],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Where others use the machine, what the processor was used for is the figure that says something. */
function inTwoWays(name: string, limit: number, took: readonly Took[], of: (values: readonly number[]) => number): Bar {
  const measure = (values: readonly number[], unit: string): Bar['measures'][number] => ({ figure: of(values), unit, want: 'at most', limit });
  return { name, measures: [measure(took.map(({ wallMs }) => wallMs), 'ms'), measure(took.map(({ cpuMs }) => cpuMs), 'ms of processor time')] };
}

/** Of what is really held. */
function heapMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 1e6;
}

async function measured<Result>(work: () => Result | Promise<Result>): Promise<{ result: Result; took: Took }> {
  const cpu = process.cpuUsage();
  const startedAtMs = performance.now();
  const result = await work();
  const wallMs = performance.now() - startedAtMs;
  const { user, system } = process.cpuUsage(cpu);
  return { result, took: { wallMs, cpuMs: (user + system) / 1_000 } };
}

/** As somebody at a terminal does it: the command, and then the key for the end. */
async function openAndGoToEnd(path: string, cwd: string): Promise<{ open: Took; end: Took }> {
  const { CI: _, NO_COLOR: __, ...environment } = process.env;
  const startedAtMs = performance.now();
  const player = spawn(process.execPath, [bin, 'replay', path, '--paused'], { cwd, cols: 120, rows: 40, env: { ...environment, TERM: 'xterm-256color' } });
  let shown = '';
  let onOutput = (): void => undefined;
  player.onData((text) => {
    shown += text;
    onOutput();
  });
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const ended = player.onExit(() => reject(new Error(`replay ended before ${String(pattern)} was seen: ${shown.slice(-2_000)}`)));
      onOutput = () => {
        if (!pattern.test(shown)) return;
        onOutput = () => undefined;
        ended.dispose();
        resolve();
      };
      onOutput();
    });
  try {
    await until(new RegExp(`of ${events}\\b`));
    const open = { wallMs: performance.now() - startedAtMs, cpuMs: await cpuOf(player.pid) };
    const pressedAtMs = performance.now();
    player.write('G');
    await until(new RegExp(`${events} of ${events}\\b`));
    return { open, end: { wallMs: performance.now() - pressedAtMs, cpuMs: (await cpuOf(player.pid)) - open.cpuMs } };
  } finally {
    player.kill('SIGKILL');
  }
}

/** See proc(5), /proc/pid/stat: utime and stime are members 14 and 15, after a name that may hold spaces. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const members = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(members[11]) + Number(members[12])) * tickMs;
}
