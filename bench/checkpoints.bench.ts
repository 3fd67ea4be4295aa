import { systemClock } from '../src/core/clock.ts';
import { sectionNames, type ReportResult, type SectionContent, type SectionName } from '../src/fleet/jobs/job.ts';
import type { AgentServices } from '../src/fleet/agents/services.ts';
import { allSwitchedOn } from '../src/fleet/agents/resilience-switches.ts';
import { commitCheckpoint, type Commit, type CommitReply } from '../src/fleet/reporting/checkpoints/checkpoint-commit.ts';
import { fencedScripts } from '../src/fleet/reporting/checkpoints/checkpoint-scripts.ts';
import { CheckpointFactory } from '../src/fleet/reporting/checkpoints/checkpoint-factory.ts';
import { checkpointKeys } from '../src/fleet/reporting/checkpoints/checkpoint-keys.ts';
import { serializeCheckpoint, type SerializedCheckpoint } from '../src/fleet/reporting/checkpoints/checkpoint-record.ts';
import type { ReportCheckpointManager } from '../src/fleet/reporting/checkpoints/report-checkpoint-manager.ts';
import type { ReportContext } from '../src/fleet/reporting/report-context.ts';
import { ReportingSubAgentFactory } from '../src/fleet/reporting/reporting-sub-agent-factory.ts';
import { median, percentile, type Benchmark, type BenchResult, type BenchRow } from './bench.ts';
import { redisBenchmarkSetexUs, startRedisProcess } from './checkpoints/redis-process.ts';
import { benchServices, TimedModel } from './checkpoints/services.ts';

const rounds = 7;
const blockSize = 20;
const sizes = [
  { label: '2 KB', bytes: 2_048, saves: 1_000, bars: {} },
  { label: '20 KB', bytes: 20_480, saves: 600, bars: { setEx: 1.5, redisBenchmark: 2.5 } },
  { label: '200 KB', bytes: 204_800, saves: 200, bars: { setEx: 1.2 } },
] as const;
/** Faster than any real model; a slower one makes the share of the checkpoints smaller. */
const modelLatencyMs = 25;
const jobsPerRound = 10;

export const benchmark: Benchmark = {
  name: 'checkpoints',
  summary: 'Checkpoint save beside SET EX of the same bytes and redis-benchmark; job time with and without checkpoints',
  run,
};

async function run(): Promise<BenchResult> {
  const server = await startRedisProcess();
  try {
    return { name: 'checkpoints', rows: [...(await saveRows(server.port)), ...(await jobRows(server.port))] };
  } finally {
    await server.stop();
  }
}

/**
 * Sequential awaits over the host's Redis connector; the bars are for the exchange with Redis. SET EX gets
 * the record as text, commit as it is serialised (bytes from 64 KB on), both ready-made; `saveSection` is the whole, with serialising, checksum, queue and
 * event. They take turns in blocks of 20 within each round, on keys that are new, so that whatever else
 * the machine does meets all of them.
 */
async function saveRows(port: number): Promise<BenchRow[]> {
  const services = benchServices(port, undefined, allSwitchedOn);
  const rows: BenchRow[] = [];
  for (const { label, bytes, saves, bars } of sizes) {
    const content = contentOf(bytes);
    const record = serializeCheckpoint({ section: 'summary', plan: 'plan', token: 1, saved_at: 0 }, content);
    const text = record.payload.toString();
    const setEx = new Figures();
    const commit = new Figures();
    const save = new Figures();
    const fromC: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (let block = 0; block * blockSize < saves; block++) {
        const mark = `${label}-${round}-${block}`;
        await setEx.add(round, (index) => services.redis.execute('set', (client) => client.set(`bench:${mark}:${index}`, text, 'EX', 3_600)));
        const commits = Array.from({ length: blockSize }, (_, index) => commitOf(record, `${mark}-${index >> 2}`, sectionNames[index & 3] ?? 'summary'));
        await commit.add(round, (index) => services.redis.execute('commit', (client) => commitCheckpoint(client, fencedScripts.commit, commits[index] as Commit)));
        let checkpoints: ReportCheckpointManager | undefined;
        for (let index = 0; index < blockSize; index++) {
          if (index % 4 === 0) checkpoints = await newAttempt(services, `${mark}-${index}`);
          await save.add(round, () => (checkpoints as ReportCheckpointManager).saveSection(sectionNames[index & 3] ?? 'summary', content), 1);
        }
      }
      await services.redis.execute('flush', (client) => client.flushall());
      fromC.push(await redisBenchmarkSetexUs(port, text, saves));
    }
    rows.push(
      { label: `${label}: SET EX p50`, value: setEx.p50, unit: 'µs', note: `p99 ${Math.round(setEx.p99)} µs, ${setEx.count} calls` },
      { label: `${label}: redis-benchmark SETEX p50`, value: median(fromC), unit: 'µs', note: 'one connection, from C' },
      { label: `${label}: commit p50`, value: commit.p50, unit: 'µs', note: 'fence, section, progress record, times to live' },
      { label: `${label}: commit p99`, value: commit.p99, unit: 'µs' },
      { label: `${label}: commit to SET EX`, value: commit.ratioTo(setEx.medians), unit: 'ratio', ...('setEx' in bars ? { bar: { max: bars.setEx } } : {}), note: `p50, median of ${rounds - 1} rounds` },
      { label: `${label}: commit to redis-benchmark`, value: commit.ratioTo(fromC), unit: 'ratio', ...('redisBenchmark' in bars ? { bar: { max: bars.redisBenchmark } } : {}) },
      { label: `${label}: saveSection p50`, value: save.p50, unit: 'µs', note: 'the commit, with serialising and SHA-256' },
      { label: `${label}: saveSection p99`, value: save.p99 / 1_000, unit: 'ms', bar: { max: 5 }, note: `with SET EX alone ${(setEx.p99 / 1_000).toFixed(2)} ms` },
    );
  }
  await services.redis.close();
  return rows;
}

function commitOf(record: SerializedCheckpoint, jobId: string, section: SectionName): Commit {
  return { keys: checkpointKeys('commit', jobId), fence: { token: 1, nonce: 'bench' }, record: { ...record, section }, savedAt: 0, now: 0, totalSections: 4, inProgress: null };
}

async function newAttempt(services: AgentServices, jobId: string): Promise<ReportCheckpointManager> {
  const checkpoints = new CheckpointFactory(services).createForContext({ userId: 'bench', jobId, correlationId: 'bench', planHash: 'plan', totalSections: 4 });
  await checkpoints.claim(0);
  return checkpoints;
}

/** Microseconds by round; the first round warms up and does not count. */
class Figures {
  readonly #byRound: number[][] = [];

  async add(round: number, work: (index: number) => Promise<unknown>, times = blockSize): Promise<void> {
    const figures = (this.#byRound[round] ??= []);
    for (let index = 0; index < times; index++) {
      const startedMs = systemClock.monotonicMs();
      const done = await work(index);
      figures.push((systemClock.monotonicMs() - startedMs) * 1_000);
      if (!(done === 'OK' || done === true || (done as CommitReply).status === 'saved')) throw new Error(`not written: ${JSON.stringify(done)}`);
    }
  }

  get count(): number {
    return this.#counted.length;
  }
  get p50(): number {
    return median(this.#counted);
  }
  get p99(): number {
    return percentile(this.#counted, 0.99);
  }

  get medians(): readonly number[] {
    return this.#byRound.map(median);
  }

  /** Median of the ratios that the rounds give by themselves. */
  ratioTo(medians: readonly number[]): number {
    return median(this.medians.map((figure, round) => figure / (medians[round] ?? Number.NaN)).slice(1));
  }

  get #counted(): number[] {
    return this.#byRound.slice(1).flat();
  }
}

/** Jobs with and without checkpoints take turns. */
async function jobRows(port: number): Promise<BenchRow[]> {
  const model = new TimedModel(modelLatencyMs, JSON.stringify({ heading: 'Section', paragraphs: ['Orders were 2,041 orders. '.repeat(80)], items: [] }));
  const withThem = benchServices(port, model, allSwitchedOn);
  const without = benchServices(port, model, { ...allSwitchedOn, checkpoints: false });
  const measure = async (): Promise<{ on: number; off: number }> => {
    const on: number[] = [];
    const off: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (let index = 0; index < jobsPerRound; index++) {
        const job = `${round}-${index}-${model.latencyMs}`;
        const first = index % 2 === 0;
        if (first) on.push(await jobMs(withThem, `on-${job}`));
        off.push(await jobMs(without, `off-${job}`));
        if (!first) on.push(await jobMs(withThem, `on-${job}`));
      }
    }
    // The first round warms up.
    return { on: median(on.slice(jobsPerRound)), off: median(off.slice(jobsPerRound)) };
  };
  const timed = await measure();
  model.latencyMs = 0;
  const instant = await measure();
  await withThem.redis.close();
  await without.redis.close();
  return [
    { label: 'job without checkpoints', value: timed.off, unit: 'ms', note: `model answers after ${modelLatencyMs} ms, four sections` },
    { label: 'job with checkpoints', value: timed.on, unit: 'ms' },
    { label: 'job with to without checkpoints', value: timed.on / timed.off, unit: 'ratio', bar: { max: 1.03 } },
    { label: 'added to a job by checkpoints, model at zero latency', value: instant.on - instant.off, unit: 'ms', note: `${instant.off.toFixed(2)} ms without; claim, load, four saves, cleanup` },
  ];
}

async function jobMs(services: ReturnType<typeof benchServices>, jobId: string): Promise<number> {
  const reports = new Map<string, ReportResult>();
  const factory = new ReportingSubAgentFactory(services, {
    model: 'timed',
    store: {
      find: async (key) => reports.get(key.jobId) ?? null,
      store: async (key, result) => {
        reports.set(key.jobId, result);
        return 'stored';
      },
    },
  });
  const period = { from: '2025-01-01', to: '2025-12-31' };
  const context: ReportContext = {
    jobId,
    userId: 'bench',
    correlationId: 'bench',
    question: 'How are orders developing?',
    period,
    factSheets: [{ agent: 'order', period, facts: [{ id: 'order.count', agent: 'order', label: 'Orders', value: 2_041, unit: 'count', display: '2,041 orders' }], missing: [], asOf: '2025-12-31' }],
    missing: [],
    attemptFloor: 0,
    signal: new AbortController().signal,
  };
  const startedMs = systemClock.monotonicMs();
  const result = await factory.createForContext(context).execute(context);
  const durationMs = systemClock.monotonicMs() - startedMs;
  if (result.level !== 'FULL' || (services.config.resilience.checkpoints && result.checkpoints_used !== 4)) throw new Error(`not the job that was to be measured: ${JSON.stringify(result).slice(0, 300)}`);
  return durationMs;
}

/** Prose of about `bytes` bytes, as a model writes it. */
function contentOf(bytes: number): SectionContent {
  const sentence = 'Revenue of orders placed in the period reached 1,234.56 EUR, while 17 payments stayed open; the team in Zürich should look into it. ';
  const paragraph = sentence.repeat(Math.max(1, Math.round(bytes / 20 / sentence.length)));
  return { heading: 'Data analysis', paragraphs: Array.from({ length: Math.max(1, Math.round(bytes / (paragraph.length + 4))) }, () => paragraph), items: [] };
}
