import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OpenAiLlm } from '../../../src/fleet/connectors/llm/openai-llm.ts';
import { IoredisStore } from '../../../src/fleet/connectors/redis/ioredis-store.ts';
import type { ReportDocument } from '../../../src/fleet/jobs/job.ts';
import type { BoundaryHook } from '../../../src/fleet/reporting/boundary.ts';
import { generationOrder } from '../../../src/fleet/reporting/generation/progressive-report-generator.ts';
import { ReportingSubAgentFactory } from '../../../src/fleet/reporting/reporting-sub-agent-factory.ts';
import type { FleetEventDraft } from '../../../src/journal/fleet-events.ts';
import { startLlmGateway, type LlmGateway } from '../../../src/infra/embedded/llm/gateway.ts';
import { until } from '../../helpers/until.ts';
import { startAnyRedis, type TestServer } from './helpers/redis-servers.ts';
import { MemoryReportStore, reportContext } from './helpers/reports.ts';
import { testServices, type TestServices } from './helpers/services.ts';

interface Machine {
  readonly services: TestServices;
  readonly gateway: LlmGateway;
  readonly redisPort: number;
  readonly stopRedis: () => Promise<void>;
  readonly startRedis: () => Promise<void>;
  readonly factory: (store?: MemoryReportStore, onBoundary?: BoundaryHook) => ReportingSubAgentFactory;
  /** Sections that the model's own log says were asked for. */
  readonly asked: () => Promise<string[]>;
}

/** A real Redis and the built-in model behind HTTP, reached by the connectors that hosts use. */
async function machine(seed = 'seed'): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'netra-reporting-'));
  const logPath = join(folder, 'llm.ndjson');
  let redisServer: TestServer = await startAnyRedis();
  onTestFinished(() => redisServer.stop());
  const redisPort = redisServer.port;
  const gateway = await startLlmGateway({ logPath, seed });
  const plain = testServices();
  const { reliability, clock, rng, logger, config } = plain;
  const context = { reliability, clock, rng, logger, resilience: config.resilience, emit: (event: FleetEventDraft): void => plain.emit(event) };
  const redis = new IoredisStore(context, { url: `redis://127.0.0.1:${redisPort}`, upIntervalMs: 100, downIntervalMs: 20 });
  const llm = new OpenAiLlm(context, { baseUrl: gateway.url, apiKey: 'none', model: 'netra-builtin' });
  const services = Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(plain), redis: { value: redis }, llm: { value: llm } }) as TestServices;
  onTestFinished(async () => {
    await Promise.all([redis.close(), llm.close(), gateway.close()]);
    await rm(folder, { recursive: true });
  });
  return {
    services,
    gateway,
    redisPort,
    stopRedis: () => redisServer.stop(),
    startRedis: async () => {
      redisServer = await startAnyRedis(redisPort);
      await until(() => redis.state.up, 'Redis to be seen again');
    },
    factory: (store = new MemoryReportStore(), onBoundary = () => undefined) => new ReportingSubAgentFactory(services, { store, model: 'netra-builtin', onBoundary }),
    asked: async () => {
      const lines = (await readFile(logPath, 'utf8')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as { type?: string; event?: string; section?: string });
      return lines.filter((line) => /request/.test(line.type ?? line.event ?? '')).map((line) => line.section ?? '?');
    },
  };
}

const jobContext = { jobId: 'run-real', correlationId: 'correlation-real' };

describe('reports with a real Redis and a model behind HTTP', () => {
  it('C13 D04 the built-in model’s sections are read, grounded and complete; one seed repeats, another differs', async () => {
    const documents: string[] = [];
    for (const seed of ['a', 'a', 'b']) {
      const { factory } = await machine(seed);
      const context = reportContext(jobContext);
      const result = await factory().createForContext(context).execute(context);
      expect(result).toMatchObject({ success: true, level: 'FULL', recovery_performed: false });
      // The last save is waited for, but not for long: on a busy machine the result may come without it.
      expect([3, 4]).toContain(result.checkpoints_used);
      expect((result.report as ReportDocument).sections.map(({ source }) => source)).toEqual(['model', 'model', 'model', 'model']);
      documents.push(JSON.stringify(result.report));
    }
    expect(documents[1]).toBe(documents[0]);
    expect(documents[2]).not.toBe(documents[0]);
  });

  it('C06 the model’s own log shows no section asked for again after its checkpoint was acknowledged', async () => {
    const { factory, asked } = await machine();
    const store = new MemoryReportStore();
    const acknowledged: string[] = [];
    for (const last of [...generationOrder, undefined]) {
      const stop = new AbortController();
      const context = reportContext({ ...jobContext, signal: stop.signal });
      const before = (await asked()).length;
      const kept = [...acknowledged];
      await factory(store, (name) => {
        if (name.startsWith('checkpoint.acknowledged:')) acknowledged.push(name.slice('checkpoint.acknowledged:'.length));
        if (name === `section.before:${String(last)}`) stop.abort(new Error('killed'));
      })
        .createForContext(context)
        .execute(context);
      expect((await asked()).slice(before).filter((section) => kept.includes(section))).toEqual([]);
    }
    expect((await asked()).toSorted()).toEqual([...generationOrder].toSorted());
    expect(store.reports.get('run-real')).toMatchObject({ success: true, level: 'FULL' });
  });

  it('D03 D08 the model goes in the middle: what is finished stays, the rest is set out from the figures', async () => {
    const { factory, gateway } = await machine();
    const context = reportContext(jobContext);
    const result = await factory(undefined, (name) => (name === 'section.before:recommendations' ? gateway.close() : undefined))
      .createForContext(context)
      .execute(context);
    expect(result).toMatchObject({ success: true, recovery_performed: true });
    expect((result.report as ReportDocument).sections.map(({ name, source }) => [name, source])).toEqual([
      ['summary', 'template'],
      ['data_analysis', 'model'],
      ['recommendations', 'template'],
    ]);
  });

  it('C10 Redis goes in the middle and comes back empty: the report is FULL, and every section reaches Redis after all', async () => {
    const { factory, services, stopRedis, startRedis } = await machine();
    const context = reportContext(jobContext);
    const saved: (readonly string[])[] = [];
    const result = await factory(undefined, async (name) => {
      if (name === 'section.before:recommendations') await stopRedis();
      if (name === 'section.before:summary') await startRedis();
      if (name === 'report.before_store') await until(() => new Set(services.eventsOf('checkpoint_saved').map(({ section }) => section)).size === 4, 'all four to be saved');
      if (name === 'report.before_store') saved.push(await services.redis.execute('keys', (client) => client.keys('report_checkpoint:{*')));
    })
      .createForContext(context)
      .execute(context);
    expect(result).toMatchObject({ success: true, level: 'FULL' });
    expect(saved[0]?.map((key) => key.split(':').at(-1)).toSorted()).toEqual([...generationOrder].toSorted());
    expect(services.eventsOf('checkpoint_rejected').every(({ reason }) => reason === 'unavailable')).toBe(true);
  });
});
