import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, type Bar, type Benchmark, type BenchmarkReport, type Measure, type Table } from './bench.ts';
import type { IdleFigures } from './reliability/idle.ts';

const PROCESSES = 5;
const LOAD_PROCESSES = 3;
const IDLE_KINDS = ['ours consecutive', 'ours count window', 'ours time window', 'cockatiel consecutive', 'opossum'] as const;

type Figures = Record<string, number>;

/** What each layer costs beside a bare call and beside the libraries that it replaces (R13). */
export const benchmark: Benchmark = {
  name: 'reliability',
  summary: 'breaker, retry and timeout beside cockatiel, opossum and p-retry: overhead, load, memory (about 90 s)',
  run: async (): Promise<BenchmarkReport> => {
    const overhead: Figures[] = [];
    for (let turn = 0; turn < PROCESSES; turn++) overhead.push(await worker('overhead', String(turn * 3)));
    const concurrent: Figures[] = [];
    const inFlight: Figures[] = [];
    for (let run = 0; run < LOAD_PROCESSES; run++) {
      concurrent.push(await worker('concurrent'));
      inFlight.push(await worker('in-flight'));
    }
    const idle: Record<string, IdleFigures> = {};
    for (const kind of IDLE_KINDS) idle[kind] = await worker('idle', kind);
    const failures = await worker('failures');
    const telemetry: Figures[] = [];
    for (let run = 0; run < LOAD_PROCESSES; run++) telemetry.push(await worker('telemetry'));
    return {
      tables: [overheadTable(overhead), concurrentTable(concurrent), inFlightTable(inFlight), idleTable(idle)],
      bars: bars(overhead, concurrent, inFlight, idle, failures, telemetry),
    };
  },
};

function bars(overhead: Figures[], concurrent: Figures[], inFlight: Figures[], idle: Record<string, IdleFigures>, failures: Figures, telemetry: Figures[]): Bar[] {
  const figuresOf = (kind: string): IdleFigures => idle[kind] as IdleFigures;
  const ourKinds = IDLE_KINDS.filter((kind) => kind.startsWith('ours'));
  const slowestWindow = Math.max(...Object.values(failures));
  const load = (name: string): Bar['measures'] => [
    { figure: middle(concurrent, name) / 1e6, unit: 'M calls/s', want: 'at least', limit: 0.6 },
    atMost(median(concurrent.map((run) => of(run, 'bare') / of(run, name))), 9, '× bare'),
  ];
  return [
    { name: 'breaker', measures: [atMost(ratio(overhead, 'ours breaker'), 4, '× bare')] },
    { name: 'retry+breaker+timeout', measures: [atMost(ratio(overhead, 'ours retry+breaker+timeout'), 15, '× bare')] },
    { name: 'executeSafely, events and health included', measures: [atMost(ratio(overhead, 'ours executeSafely'), 15, '× bare')] },
    { name: '1000 concurrent, retry+breaker+timeout', measures: load('ours retry+breaker+timeout') },
    { name: '1000 concurrent, executeSafely', measures: load('ours executeSafely') },
    { name: '10 000 in flight, one shared signal', measures: [atMost(middle(inFlight, 'ours executeSafely'), 5, 'µs CPU')] },
    { name: 'open-circuit refusal, breaker', measures: [atMost(middle(overhead, 'refused: ours breaker') / 1_000, 1.5, 'µs')] },
    { name: 'open-circuit refusal, executeSafely', measures: [atMost(middle(overhead, 'refused: ours executeSafely') / 1_000, 1.5, 'µs')] },
    { name: 'bytes per idle breaker', measures: [atMost(Math.max(...ourKinds.map((kind) => Math.max(figuresOf(kind).bytesEach, figuresOf(kind).bytesAfterCalls))), 400, 'B')], note: 'the largest of the three kinds, fresh or after 20 calls' },
    { name: 'timers of 10 000 breakers', measures: [atMost(Math.max(...ourKinds.map((kind) => figuresOf(kind).timers)), 0, 'timers')] },
    { name: 'idle CPU of 10 000 breakers', measures: [atMost(Math.max(...ourKinds.map((kind) => figuresOf(kind).idleCpu)), 0.1, '%')], note: 'the most of the three kinds; what is there is that of an idle Node' },
    { name: 'failure cost, window 100 000 to 100', measures: [atMost(of(failures, '100000') / of(failures, '100'), 1.5, '×')], note: `${slowestWindow.toFixed(0)} ns at worst` },
    {
      name: 'events that nobody listens to',
      measures: [atMost(middle(telemetry, 'ratio'), 1.05, '×')],
      note: 'beside an observer without any events; 5 % is what two runs of the same code differ by',
    },
  ];
}

function atMost(figure: number, limit: number, unit: string): Measure {
  return { figure, unit, want: 'at most', limit };
}

function overheadTable(runs: Figures[]): Table {
  const rows = Object.keys(runs[0] as Figures)
    .toSorted((a, b) => Number(b === 'bare') - Number(a === 'bare') || a.localeCompare(b))
    .map((name) => [name, middle(runs, name), ratio(runs, name)]);
  return { title: `Overhead of one call (median of ${runs.length} processes)`, columns: ['case', 'ns', '× bare'], rows };
}

function concurrentTable(runs: Figures[]): Table {
  const rows = Object.keys(runs[0] as Figures).map((name) => [name, middle(runs, name) / 1_000, median(runs.map((run) => of(run, 'bare') / of(run, name)))]);
  return { title: '1000 concurrent callers, the work one turn of the event loop', columns: ['case', 'k calls/s', '× slower'], rows };
}

function inFlightTable(runs: Figures[]): Table {
  return { title: '10 000 in flight under one signal, the work a 5 ms timer', columns: ['case', 'µs CPU per call'], rows: Object.keys(runs[0] as Figures).map((name) => [name, middle(runs, name)]) };
}

function idleTable(idle: Record<string, IdleFigures>): Table {
  const rows = Object.entries(idle).map(([kind, figures]) => [kind, figures.bytesEach, figures.bytesAfterCalls, figures.timers, figures.idleCpu]);
  return { title: '10 000 idle breakers', columns: ['kind', 'B each', 'after 20 calls', 'timers', 'idle CPU %'], rows };
}

function of(figures: Figures, name: string): number {
  const figure = figures[name];
  if (figure === undefined) throw new Error(`no figure for ${name}`);
  return figure;
}

function middle(runs: Figures[], name: string): number {
  return median(runs.map((run) => of(run, name)));
}

function ratio(runs: Figures[], name: string): number {
  return median(runs.map((run) => of(run, name) / of(run, 'bare')));
}

async function worker<Result = Figures>(suite: string, argument = ''): Promise<Result> {
  const script = fileURLToPath(new URL('./reliability/worker.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, suite, argument], { timeout: 120_000 });
  return JSON.parse(stdout) as Result;
}
