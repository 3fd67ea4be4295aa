import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { deadlineAfter } from '../../../src/core/deadline.ts';
import { BaseAgent } from '../../../src/fleet/agents/base-agent.ts';
import { ConnectorError } from '../../../src/fleet/error-codes.ts';
import { reportResultSchema, sectionNames, type ReportDocument, type ReportResult } from '../../../src/fleet/jobs/job.ts';
import type { BoundaryHook, BoundaryName } from '../../../src/fleet/reporting/boundary.ts';
import { CheckpointFactory } from '../../../src/fleet/reporting/checkpoints/checkpoint-factory.ts';
import { MissingDataError, StaleWriterError, TransientError } from '../../../src/fleet/reporting/error-codes.ts';
import { DataHelperFallbackCoordinator } from '../../../src/fleet/reporting/fallback/data-helper-fallback-coordinator.ts';
import { generationOrder } from '../../../src/fleet/reporting/generation/progressive-report-generator.ts';
import { renderMarkdown } from '../../../src/fleet/reporting/render-markdown.ts';
import type { ReportContext } from '../../../src/fleet/reporting/report-context.ts';
import type { ReportingSubAgent } from '../../../src/fleet/reporting/reporting-sub-agent.ts';
import { ReportingSubAgent as SubAgentClass } from '../../../src/fleet/reporting/reporting-sub-agent.ts';
import { ReportingSubAgentFactory } from '../../../src/fleet/reporting/reporting-sub-agent-factory.ts';
import { until } from '../../helpers/until.ts';
import { AbsentRedisStore, DirectRedisStore, SwitchableStore } from './helpers/direct-redis-store.ts';
import { startAnyRedis, type TestServer } from './helpers/redis-servers.ts';
import { checkpointContext, MemoryReportStore, orderFacts, paymentFacts, period, reportContext, sheet } from './helpers/reports.ts';
import { honest, ScriptedModel, sectionJson, type Script } from './helpers/scripted-model.ts';
import { testServices, type TestServices, type TestServicesOptions } from './helpers/services.ts';

let server: TestServer;
let redis: DirectRedisStore;
beforeAll(async () => {
  server = await startAnyRedis();
  redis = await DirectRedisStore.connect(server.port);
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});
beforeEach(() => redis.client.flushall());

interface Bench {
  readonly services: TestServices;
  readonly model: ScriptedModel;
  readonly store: MemoryReportStore;
  readonly factory: ReportingSubAgentFactory;
  readonly run: (context: ReportContext) => Promise<{ agent: ReportingSubAgent; result: ReportResult; document: ReportDocument }>;
}

function bench(options: TestServicesOptions & { script?: Script; store?: MemoryReportStore; onBoundary?: BoundaryHook; model?: ScriptedModel } = {}): Bench {
  const model = options.model ?? new ScriptedModel(options.script);
  const services = testServices({ redis, llm: model, ...options });
  const store = options.store ?? new MemoryReportStore();
  const factory = new ReportingSubAgentFactory(services, { store, model: 'scripted', ...(options.onBoundary === undefined ? {} : { onBoundary: options.onBoundary }) });
  return {
    services,
    model,
    store,
    factory,
    run: async (context) => {
      const agent = factory.createForContext(context);
      const result = await agent.execute(context, true);
      return { agent, result, document: result.report as ReportDocument };
    },
  };
}

const nothingNew = async <Output>(): Promise<Output> => ({ fact_sheets: [], missing: [] }) as Output;
const modelGone: Script = () => Promise.reject(new ConnectorError('LLM_UNAVAILABLE', 'connect ECONNREFUSED'));

describe('a ReportingSubAgent', () => {
  it('D01 is a BaseAgent that only the factory can make, one for each request', async () => {
    const { factory, services } = bench();
    const context = reportContext();
    const agent = factory.createForContext(context);
    expect(agent).toBeInstanceOf(BaseAgent);
    expect(factory.createForContext(context)).not.toBe(agent);
    expect(() => new SubAgentClass(Symbol('guess'), services, context, {} as never)).toThrow(/createForContext/);
  });

  it('D01 refuses a second request and the request of somebody else, with a result and not with an exception', async () => {
    const { factory, store } = bench();
    const context = reportContext();
    const agent = factory.createForContext(context);
    expect(await agent.execute(reportContext())).toMatchObject({ success: false });
    expect(agent.outcome.status).toBe('failed');
    expect(store.calls).toBe(0);
    const second = factory.createForContext(context);
    expect((await second.execute(context)).success).toBe(true);
    expect((await second.execute(context)).success).toBe(false);
  });

  it('D04 D05 makes the four sections in the order of a reader and answers with every field', async () => {
    const { run, store } = bench();
    const context = reportContext();
    const { result, document, agent } = await run(context);
    expect(reportResultSchema.parse(result)).toEqual(result);
    expect(result).toMatchObject({ success: true, level: 'FULL', missing_data: [], recovery_performed: false, checkpoints_used: 4, resumed_sections: 0, correlation_id: context.correlationId });
    expect(document.sections.map(({ name, source }) => [name, source])).toEqual(sectionNames.map((name) => [name, 'model']));
    expect(document.facts.map(({ id }) => id)).toEqual(['order.revenue_total', 'order.count', 'order.top_product', 'payment.open']);
    expect(store.reports.get(context.jobId)).toEqual(result);
    expect(agent.outcome).toEqual({ status: 'stored' });
    expect(agent.fencingToken).toBe(1);
  });

  it('D03 writes each section with the earlier ones in view, and puts nothing into a prompt that differs between two runs', async () => {
    const first = bench();
    const sheets = [sheet('order', orderFacts), sheet('payment', paymentFacts)];
    await first.run(reportContext({ jobId: 'run-one', correlationId: 'one', userId: 'user-one', attemptFloor: 1, factSheets: sheets }));
    expect(first.model.asked).toEqual(generationOrder);
    expect(first.model.requests.map(({ user }) => [...user.matchAll(/^\{"section":"(\w+)"/gm)].map(([, name]) => name))).toEqual([[], ['data_analysis'], ['data_analysis', 'recommendations'], ['data_analysis', 'recommendations', 'action_items']]);
    const second = bench();
    await second.run(reportContext({ jobId: 'run-two', correlationId: 'two', userId: 'user-two', attemptFloor: 2, factSheets: sheets.toReversed() }));
    expect(second.model.requests.map(({ system, user }) => [system, user])).toEqual(first.model.requests.map(({ system, user }) => [system, user]));
    for (const { user } of first.model.requests) for (const id of ['run-one', 'user-one', 'one"']) expect(user).not.toContain(id);
  });

  it('D05 two runs of one question give the same document but for the user', async () => {
    const [one, two] = await Promise.all([bench().run(reportContext({ factSheets: [sheet('payment', paymentFacts), sheet('order', orderFacts)] })), bench().run(reportContext())]);
    expect(JSON.stringify(one.document)).toBe(JSON.stringify(two.document));
  });

  it('D12 tells of start, sections, checkpoints and end', async () => {
    const { run, services } = bench();
    const context = reportContext();
    await run(context);
    const told = services.events.filter(({ type }) => type !== 'checkpoint_saved').map((event) => [event.type, 'section' in event ? event.section : undefined]);
    const written = generationOrder.flatMap((section) => [['agent_thinking', section], ['section_completed', section]]);
    expect(told).toEqual([['agent_started', undefined], ...written, ['agent_completed', undefined]]);
    expect(services.eventsOf('checkpoint_saved').map(({ section }) => section)).toEqual(generationOrder);
    expect(services.events.every((event) => event.job_id === context.jobId && event.correlation_id === context.correlationId && event.user_id === 'user-1')).toBe(true);
  });

  it('D12 tells each section as it stands in the report, before its checkpoint', async () => {
    const { run, services } = bench();
    const { document } = await run(reportContext());
    const told = services.eventsOf('section_completed');
    const markdown = renderMarkdown(document);
    expect(told.map(({ section, source }) => [section, source])).toEqual(generationOrder.map((section) => [section, 'model']));
    for (const { text, truncated } of told) {
      expect(text).toMatch(/^## About /);
      expect(markdown).toContain(text);
      expect(truncated).toBeUndefined();
    }
    const order = services.events.flatMap((event) => ('section' in event && event.section === 'summary' ? [event.type] : []));
    expect(order).toEqual(['agent_thinking', 'section_completed', 'checkpoint_saved']);
  });

  it('D12 a section that the model did not write is told with its source, and said to be set out from the figures', async () => {
    const { run, services } = bench({ script: modelGone });
    await run(reportContext());
    const told = services.eventsOf('section_completed');
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ source, text }) => source === 'template' && text.includes('the model could not be used'))).toBe(true);
  });

  it('D12 a long section is told up to 4,000 characters, and never up to half of one', async () => {
    for (const [paragraph, length] of [['word '.repeat(2_000), 4_000], [`${'x'.repeat(3_999 - '## About it\n\n'.length)}😀 and on`, 3_999]] as const) {
      const { run, services } = bench({ script: () => JSON.stringify({ heading: 'About it', paragraphs: [paragraph], items: [] }) });
      await run(reportContext());
      const [first] = services.eventsOf('section_completed');
      expect(first).toMatchObject({ truncated: true });
      expect(first?.text).toHaveLength(length);
      expect(first?.text.isWellFormed()).toBe(true);
    }
  });

  it('D09 keeps its state: run, sections done and to come, level, checkpoints, recoveries, fallback', async () => {
    const seen: unknown[] = [];
    const agents: ReportingSubAgent[] = [];
    const { factory } = bench({ onBoundary: (name) => void (name === 'section.before:recommendations' && seen.push(agents[0]?.state)) });
    const context = reportContext();
    agents.push(factory.createForContext(context));
    await agents[0]?.execute(context);
    expect(seen).toEqual([
      {
        run_id: context.jobId,
        started_at: expect.any(Number),
        completed_sections: ['data_analysis'],
        pending_sections: ['recommendations', 'action_items', 'summary'],
        strategy_level: 'FULL',
        checkpoints_saved: expect.any(Number),
        recovery_attempts: 0,
        fallback_triggered: false,
      },
    ]);
    expect(agents[0]?.state).toMatchObject({ completed_sections: generationOrder, pending_sections: [], checkpoints_saved: 4 });
  });

  it('C07 removes checkpoints after success, and only then', async () => {
    const before: number[] = [];
    const context = reportContext();
    const { run } = bench({
      onBoundary: async (name) => {
        if (name === 'report.stored') before.push((await redis.client.keys('*:summary')).length);
      },
    });
    await run(context);
    expect(before).toEqual([1]);
    expect((await redis.client.keys('report_checkpoint:{*')).length).toBe(0);
  });

  it('C07 leaves the checkpoints where the report could not be stored, and the next attempt pays for nothing again', async () => {
    const store = new MemoryReportStore();
    const context = reportContext();
    store.failure = undefined;
    const failing = bench({ store, onBoundary: (name) => void (name === 'report.before_store' && (store.failure = new Error('database is gone'))) });
    const first = await failing.run(context);
    expect(first.result).toMatchObject({ success: false, level: 'FULL', checkpoints_used: 4 });
    expect(first.agent.outcome).toMatchObject({ status: 'failed', error: expect.any(TransientError) });
    expect(failing.services.eventsOf('agent_error')).toEqual([expect.objectContaining({ error: expect.objectContaining({ code: 'REPORT_TRANSIENT', recovery: 'retry' }) })]);
    store.failure = undefined;
    const next = bench({ store });
    const second = await next.run({ ...context, attemptFloor: 1 });
    expect(next.model.requests).toEqual([]);
    expect(second.result).toMatchObject({ success: true, level: 'FULL', recovery_performed: true, resumed_sections: 4, checkpoints_used: 4 });
    expect(second.document).toEqual(first.document);
    expect(next.services.eventsOf('checkpoint_resumed')).toEqual([expect.objectContaining({ sections: generationOrder })]);
    const told = next.services.eventsOf('section_completed');
    expect(told.map(({ section, source }) => [section, source])).toEqual(generationOrder.map((section) => [section, 'checkpoint']));
    for (const { text } of told) expect(renderMarkdown(second.document)).toContain(text);
  });

  it('C06 D10 goes on with the next section while a save is in flight', async () => {
    const order: string[] = [];
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const slow = testServices({
      redis: {
        state: { up: true },
        onStateChange: () => () => undefined,
        close: async () => undefined,
        execute: async (name, work, options) => {
          if (name === 'checkpoint.save') await held;
          return redis.execute(name, work, options);
        },
      },
      llm: new ScriptedModel((request, asked) => {
        order.push(String(request.section));
        if (request.section === 'summary') release();
        return honest(request, asked);
      }),
    });
    const context = reportContext();
    const agent = new ReportingSubAgentFactory(slow, { store: new MemoryReportStore(), model: 'scripted', onBoundary: (name) => void (name.startsWith('checkpoint') && order.push('acknowledged')) }).createForContext(context);
    expect((await agent.execute(context)).checkpoints_used).toBe(4);
    expect(order).toEqual([...generationOrder, 'acknowledged', 'acknowledged', 'acknowledged', 'acknowledged']);
  });
});

describe('an attempt that ends early', () => {
  const boundaries: readonly BoundaryName[] = [
    ...generationOrder.flatMap((section): BoundaryName[] => [`section.before:${section}`, `section.generated:${section}`, `checkpoint.acknowledged:${section}`]),
    'report.before_store',
  ];

  it.each(boundaries)('C06 stopped at %s: the next attempt asks only for what was not acknowledged', async (boundary) => {
    const stop = new AbortController();
    const acknowledged = new Set<string>();
    const store = new MemoryReportStore();
    const context = reportContext({ signal: stop.signal });
    const first = bench({
      store,
      onBoundary: (name) => {
        if (name.startsWith('checkpoint.acknowledged:')) acknowledged.add(name.slice('checkpoint.acknowledged:'.length));
        if (name === boundary) stop.abort(new Error('host is shutting down'));
      },
    });
    const { result, agent } = await first.run(context);
    expect(result.success).toBe(false);
    expect(agent.outcome.status).toBe('aborted');
    expect(store.calls).toBe(0);
    const next = bench({ store });
    const second = await next.run({ ...context, attemptFloor: 1, signal: new AbortController().signal });
    expect(next.model.asked.filter((section) => acknowledged.has(String(section)))).toEqual([]);
    expect(new Set([...next.model.asked, ...acknowledged])).toEqual(new Set(sectionNames));
    expect(second.result).toMatchObject({ success: true, level: 'FULL', resumed_sections: acknowledged.size, recovery_performed: acknowledged.size > 0 });
    expect(store.reports.size).toBe(1);
    const undisturbed = await bench().run({ ...context, signal: new AbortController().signal, jobId: `${context.jobId}-undisturbed` });
    expect(second.document).toEqual(undisturbed.document);
  });

  it('C06 any subset of acknowledged sections is reused and never asked for again', async () => {
    const { planHash, collectMaterial } = await import('../../../src/fleet/reporting/report-material.ts');
    await fc.assert(
      fc.asyncProperty(fc.subarray([...sectionNames]), fc.uuid(), async (saved, jobId) => {
        const context = reportContext({ jobId });
        const hash = planHash(collectMaterial(context, context.factSheets, []), 'FULL', 'scripted');
        const earlier = new CheckpointFactory(testServices({ redis })).createForContext(checkpointContext({ jobId, planHash: hash }));
        await earlier.claim(0);
        for (const section of saved) await earlier.saveSection(section, { heading: `Saved ${section}`, paragraphs: ['kept'], items: [] });
        const { run, model } = bench();
        const { document, result } = await run({ ...context, attemptFloor: 1 });
        expect(model.asked).toEqual(generationOrder.filter((section) => !saved.includes(section)));
        expect(result.resumed_sections).toBe(saved.length);
        for (const section of document.sections) expect(section.content.heading).toBe(saved.includes(section.name) ? `Saved ${section.name}` : `About ${section.name}`);
      }),
      { numRuns: 25 },
    );
  });

  it('C08 loses the run to a newer attempt, stops in the middle of a section, and stores nothing', async () => {
    const context = reportContext();
    const store = new MemoryReportStore();
    const { promise: hanging, resolve: hang } = Promise.withResolvers<void>();
    const zombie = bench({
      store,
      script: async (request, asked) => {
        if (request.section !== 'recommendations') return honest(request, asked);
        hang();
        return new Promise<string>(() => undefined);
      },
      onBoundary: async (name) => {
        // The save of the first section is held until the second one is being written and the run is lost.
        if (name === 'section.generated:data_analysis') await redis.client.hset(`report_checkpoint:progress:{user-1:${context.jobId}}`, 'fencing_token', '99', 'nonce', 'heir');
      },
    });
    const running = zombie.run(context);
    await hanging;
    const { result, agent } = await running;
    expect(agent.outcome).toMatchObject({ status: 'stale', error: expect.any(StaleWriterError) });
    expect(result).toMatchObject({ success: false, level: 'FALLBACK' });
    expect(zombie.model.asked).toEqual(['data_analysis', 'recommendations']);
    expect(store.calls).toBe(0);
  });

  it('C08 is told by the store that it is stale', async () => {
    const context = reportContext();
    const { run, store } = bench();
    store.tokens.set(context.jobId, 50);
    const { result, agent } = await run(context);
    expect(result.success).toBe(false);
    expect(agent.outcome).toMatchObject({ status: 'stale' });
    expect(store.reports.size).toBe(0);
  });

  it('D01 finds a report there already, generates nothing, and removes the checkpoints that were left', async () => {
    const context = reportContext();
    const first = bench();
    const { result } = await first.run(context);
    const leftover = new CheckpointFactory(testServices({ redis })).createForContext(checkpointContext({ jobId: context.jobId }));
    await leftover.claim(5);
    await leftover.saveSection('summary', { heading: 'a', paragraphs: ['b'], items: [] });
    const second = bench({ store: first.store });
    const again = await second.run({ ...context, attemptFloor: 5 });
    expect(again.result).toEqual({ ...result, recovery_performed: true });
    expect(again.agent.outcome).toEqual({ status: 'already_stored' });
    expect(second.model.requests).toEqual([]);
    expect(first.store.reports.size).toBe(1);
    expect(await leftover.hasCheckpoints()).toBe(false);
  });

  it('D01 a report that another attempt stores after the first look is found once the run is claimed', async () => {
    const context = reportContext();
    let whileLooking: (() => Promise<unknown>) | undefined;
    const store = new (class extends MemoryReportStore {
      override async find(...asked: Parameters<MemoryReportStore['find']>): ReturnType<MemoryReportStore['find']> {
        const found = await super.find(...asked);
        const then = whileLooking;
        whileLooking = undefined;
        await then?.();
        return found;
      }
    })();
    const other = bench({ store });
    whileLooking = () => other.run(context);
    const late = bench({ store });
    const { result, agent } = await late.run({ ...context, attemptFloor: 5 });
    expect(agent.outcome).toEqual({ status: 'already_stored' });
    expect(result).toMatchObject({ success: true, recovery_performed: true });
    expect(other.model.asked).toEqual(generationOrder);
    expect(late.model.requests).toEqual([]);
  });

  it('D11 with deduplication off a job that comes again is worked on and paid for again; the first report stays', async () => {
    const context = reportContext();
    const first = bench();
    const { result } = await first.run(context);
    const second = bench({ store: first.store, resilience: { deduplication: false } });
    const again = await second.run({ ...context, attemptFloor: 5 });
    expect(second.model.asked).toEqual(generationOrder);
    expect(again.agent.outcome).toEqual({ status: 'already_stored' });
    expect(again.result).toEqual({ ...result, recovery_performed: true });
    expect(first.store.reports.size).toBe(1);
  });

  it('D01 two attempts at once leave one report, and both know it', async () => {
    const context = reportContext();
    const store = new MemoryReportStore();
    const left = bench({ store, resilience: { checkpoints: false } });
    const right = bench({ store, resilience: { checkpoints: false } });
    const [one, two] = await Promise.all([left.run(context), right.run(context)]);
    expect([one.agent.outcome.status, two.agent.outcome.status].toSorted()).toEqual(['already_stored', 'stored']);
    expect(one.document).toEqual(two.document);
    expect([one.result.success, two.result.success]).toEqual([true, true]);
  });
});

describe('a report under failures', () => {
  it('D08 the model is gone from the beginning: the figures by template, no section asked for twice', async () => {
    const { run, model, services } = bench({ script: modelGone });
    const { result, document } = await run(reportContext());
    expect(result).toMatchObject({ success: true, level: 'MINIMAL', recovery_performed: true, checkpoints_used: 0 });
    expect(document.sections.map(({ name, source }) => [name, source])).toEqual([
      ['summary', 'template'],
      ['data_analysis', 'template'],
    ]);
    expect(JSON.stringify(document.sections)).toContain('1,234.56 EUR');
    expect(model.asked).toEqual(['data_analysis']);
    expect(services.eventsOf('fallback_triggered').map(({ kind }) => kind)).toEqual(['template', 'strategy']);
  });

  it('D03 steps down in the middle and keeps what is finished', async () => {
    const { run, services } = bench({ script: (request, asked) => (request.section === 'action_items' ? modelGone(request, asked) : honest(request, asked)) });
    const { result, document, agent } = await run(reportContext());
    expect(document.sections.map(({ name, source }) => [name, source])).toEqual([
      ['summary', 'template'],
      ['data_analysis', 'model'],
      ['recommendations', 'model'],
      ['action_items', 'template'],
    ]);
    expect(result).toMatchObject({ success: true, level: 'BASIC', recovery_performed: true });
    expect(agent.state).toMatchObject({ strategy_level: 'MINIMAL', fallback_triggered: true });
    expect(services.eventsOf('fallback_triggered').find(({ kind }) => kind === 'strategy')?.detail).toContain('FULL → MINIMAL');
  });

  it('D08 the model goes after the same user has asked the same before: the text of then, marked as such', async () => {
    const { run, model } = bench();
    await run(reportContext());
    model.script = modelGone;
    const { document, result } = await run(reportContext());
    expect(document.sections.find(({ name }) => name === 'data_analysis')?.source).toBe('cache');
    expect(result.recovery_performed).toBe(true);
    const other = await run(reportContext({ userId: 'somebody else' }));
    expect(other.document.sections.map(({ source }) => source)).not.toContain('cache');
    const otherFacts = await run(reportContext({ factSheets: [sheet('order', orderFacts)] }));
    expect(otherFacts.document.sections.map(({ source }) => source)).not.toContain('cache');
  });

  it('C13 a number that is no fact is asked about once, by name, and then the section is a template', async () => {
    const { run, model } = bench({ script: (request, asked) => (request.section === 'recommendations' ? sectionJson('x', ['Raise prices by 7 percent to 987,654.32 EUR.']) : honest(request, asked)) });
    const { document, result } = await run(reportContext());
    expect(document.sections.map(({ name, source }) => [name, source])).toContainEqual(['recommendations', 'template']);
    expect(JSON.stringify(document.sections)).not.toContain('987,654.32');
    expect(model.asked).toEqual(['data_analysis', 'recommendations', 'recommendations', 'action_items', 'summary']);
    expect(model.requests[2]?.user).toMatch(/<rejected>\n.*987,654\.32/);
    expect(result).toMatchObject({ success: true, level: 'STANDARD' });
  });

  it('C13 a second answer that is right is taken, and its section is the model’s', async () => {
    const { run } = bench({ script: (request, asked) => (request.section === 'summary' && asked === 1 ? 'I would rather not.' : honest(request, asked)) });
    const { document, result, agent } = await run(reportContext());
    expect(document.sections.every(({ source }) => source === 'model')).toBe(true);
    expect(result).toMatchObject({ level: 'FULL', recovery_performed: false });
    expect(agent.state.recovery_attempts).toBe(1);
  });

  it('C13 only what was validated is saved', async () => {
    const context = reportContext();
    const stop = new AbortController();
    await bench({
      script: (request, asked) => (request.section === 'data_analysis' ? sectionJson('x', ['It was 555,555 EUR.']) : honest(request, asked)),
      onBoundary: (name) => void (name === 'section.before:action_items' && stop.abort(new Error('stop'))),
    }).run({ ...context, signal: stop.signal });
    expect((await redis.client.keys('report_checkpoint:{*')).map((key) => key.split(':').at(-1))).toEqual(['recommendations']);
  });

  it('C10 Redis is not there: the same report, nothing saved', async () => {
    const context = reportContext();
    const { run, services } = bench({ redis: new AbsentRedisStore() });
    const { result, document } = await run(context);
    expect(result).toMatchObject({ success: true, level: 'FULL', checkpoints_used: 0 });
    expect(document.sections).toHaveLength(4);
    expect(services.eventsOf('checkpoint_rejected').map(({ reason }) => reason)).toEqual(['unavailable', 'unavailable', 'unavailable', 'unavailable']);
  });

  it('C06 C10 a Redis that comes back in the middle tells of what an earlier attempt had saved, and that is not paid for again', async () => {
    const context = reportContext();
    const stop = new AbortController();
    await bench({ onBoundary: (name) => void (name === 'section.before:summary' && stop.abort(new Error('killed'))) }).run({ ...context, signal: stop.signal });
    const late = new SwitchableStore(redis);
    late.available = false;
    const { run, model, services } = bench({
      redis: late,
      onBoundary: async (name) => {
        if (name === 'section.generated:data_analysis') late.available = true;
        // The first save takes the run; the section after it is asked for before Redis can tell.
        if (name === 'section.generated:recommendations') await until(() => services.eventsOf('checkpoint_saved').length > 0, 'the run to be taken');
      },
    });
    const { result } = await run({ ...context, attemptFloor: 1 });
    expect(model.asked).toEqual(['data_analysis', 'recommendations', 'summary']);
    expect(result).toMatchObject({ success: true, level: 'FULL', resumed_sections: 1 });
  });

  it('C10 a Redis that never answers holds a report back for no more than its timeouts', async () => {
    const { run } = bench({ redis: { state: { up: true }, onStateChange: () => () => undefined, close: async () => undefined, execute: (_name, _work, options) => new Promise((_, reject) => setTimeout(() => reject(new Error('timed out')), options?.deadline?.remainingMs())) } });
    const startedMs = performance.now();
    const { result } = await run(reportContext());
    expect(result).toMatchObject({ success: true, level: 'FULL', checkpoints_used: 0 });
    expect(performance.now() - startedMs).toBeLessThan(2_500);
  });

  it('D10 the time that is left decides: too little for the model, and the figures are set out by template', async () => {
    const { run, model, services } = bench();
    const { result } = await run(reportContext({ deadline: deadlineAfter(services.clock, 400) }));
    expect(model.requests).toEqual([]);
    expect(result).toMatchObject({ success: true, level: 'MINIMAL' });
  });

  it('D10 a model that is too slow for the deadline is left, and the report comes in time', async () => {
    const remaining: { model: number; job: number }[] = [];
    const deadline = deadlineAfter(systemClock, 1_400);
    const { run } = bench({
      script: (request, asked) => {
        remaining.push({ model: request.deadline?.remainingMs() ?? Infinity, job: deadline.remainingMs() });
        return request.section === 'data_analysis' ? honest(request, asked) : new Promise<string>((_, reject) => setTimeout(() => reject(new ConnectorError('LLM_STALLED', 'too slow')), request.deadline?.remainingMs()));
      },
    });
    const { result, document } = await run(reportContext({ deadline }));
    expect(result).toMatchObject({ success: true, level: 'BASIC' });
    // The model is given less than the job has, so that there is time left to store a report without it.
    expect(remaining.every(({ model, job }) => model <= job - 490)).toBe(true);
    expect(document.sections.map(({ name }) => name)).toEqual(['summary', 'data_analysis', 'recommendations']);
  });

  it('D02 D05 without any fact: an answer that says what is missing, never a lost job', async () => {
    const { run } = bench({ ask: async <Output>() => ({ fact_sheets: [], missing: ['order: still gone', 'payment: still gone'], unanswered: ['order', 'payment'] }) as Output });
    const { result, document } = await run(reportContext({ factSheets: [], missing: ['order: timed out', 'payment: timed out'] }));
    expect(result).toMatchObject({ success: true, level: 'FALLBACK', missing_data: ['order: still gone', 'payment: still gone'] });
    expect(document.sections.map(({ name }) => name)).toEqual(['summary']);
    expect(JSON.stringify(document.sections)).toContain('order: still gone');
  });

  it('D07 without any fact and without the data helper: MissingDataError for the orchestrator, which can degrade', async () => {
    const { run } = bench();
    const context = reportContext({ factSheets: [], missing: ['order: timed out'] });
    const { result, agent } = await run(context);
    expect(result).toMatchObject({ success: false, report: '', level: 'FALLBACK' });
    expect(agent.outcome).toMatchObject({ status: 'failed', error: expect.any(MissingDataError) });
    const degraded = await run({ ...context, degrade: true });
    expect(degraded.result).toMatchObject({ success: true, level: 'FALLBACK', missing_data: ['order: timed out'] });
  });

  it('D06 the data helper is asked once for the agents that gave nothing, and its facts are in the report', async () => {
    const asked: unknown[] = [];
    const { run, services } = bench({
      ask: async <Output>(agent: string, action: string, input: object) => {
        asked.push([agent, action, input]);
        return { fact_sheets: [sheet('payment', paymentFacts)], missing: [], unanswered: [] } as Output;
      },
    });
    const { result, document } = await run(reportContext({ factSheets: [sheet('order', orderFacts, ['refunds: table absent'])], missing: ['refunds: table absent', 'payment: timed out'] }));
    expect(asked).toEqual([['data_helper', 'fetch_missing', { agents: ['payment'], period }]]);
    expect(document.facts.map(({ id }) => id)).toContain('payment.open');
    expect(result).toMatchObject({ success: true, level: 'STANDARD', missing_data: ['refunds: table absent'], recovery_performed: true });
    expect(services.eventsOf('fallback_triggered')).toEqual([expect.objectContaining({ kind: 'data_helper' })]);
  });

  it('D06 a coordinator asks once, and only where agents gave no answer, there is time, and the fallback is on', async () => {
    const context = reportContext({ factSheets: [sheet('order', orderFacts)], missing: ['payment: timed out'] });
    const coordinator = new DataHelperFallbackCoordinator(testServices({ ask: nothingNew }), context);
    expect(coordinator.shouldFallback(context)).toBe(true);
    expect(coordinator.shouldFallback({ ...context, missing: [] })).toBe(false);
    expect(coordinator.shouldFallback({ ...context, deadline: deadlineAfter(systemClock, 1_000) })).toBe(false);
    expect(new DataHelperFallbackCoordinator(testServices({ ask: nothingNew, resilience: { fallback: false } }), context).shouldFallback(context)).toBe(false);
    await coordinator.triggerDataHelper(coordinator.prepareFallbackContext(context.missing));
    expect(coordinator.shouldFallback(context)).toBe(false);
  });

  it('D06 goes on with what there is where the data helper answers nonsense', async () => {
    const { run } = bench({ ask: async <Output>() => ({ fact_sheets: 'none' }) as Output });
    const { result } = await run(reportContext({ factSheets: [sheet('order', orderFacts)], missing: ['payment: timed out'] }));
    expect(result).toMatchObject({ success: true, level: 'STANDARD', missing_data: ['payment: timed out'] });
  });

  const failures: readonly (readonly [string, TestServicesOptions & { script?: Script }, Partial<ReportContext>])[] = [
    ['no failure', {}, {}],
    ['model refuses connections', { script: modelGone }, {}],
    ['model answers nothing', { script: () => '' }, {}],
    ['model answers prose', { script: () => 'Revenue is fine.' }, {}],
    ['model is filtered', { script: () => ({ finishReason: 'content_filter' }) }, {}],
    ['model throws no error at all', { script: () => Promise.reject('a string') }, {}],
    ['Redis gone', { redis: new AbsentRedisStore() }, {}],
    ['everything gone', { redis: new AbsentRedisStore(), script: modelGone }, { factSheets: [], missing: ['order: gone'] }],
    ['no data', {}, { factSheets: [] }],
    ['already aborted', {}, { signal: AbortSignal.abort(new Error('stop')) }],
    ['no time', {}, { deadline: { remainingMs: () => 0, expired: true, within: () => { throw new Error('not asked'); }, toWallMs: () => 0 } }],
    ['degraded', {}, { degrade: true }],
    ['control group, model gone', { script: modelGone, resilience: { checkpoints: false, retry: false, breaker: false, fallback: false } }, {}],
    ['control group, no data', { resilience: { checkpoints: false, retry: false, breaker: false, fallback: false } }, { factSheets: [] }],
  ];
  it.each(failures)('D05 every field is there, and the events are complete: %s', async (_what, options, overrides) => {
    const { run, services, store } = bench(options);
    const { result, agent } = await run(reportContext(overrides));
    expect(reportResultSchema.parse(result)).toEqual(result);
    expect(Object.keys(result).toSorted()).toEqual(['checkpoints_used', 'correlation_id', 'level', 'missing_data', 'recovery_performed', 'report', 'resumed_sections', 'success']);
    expect(agent.outcome.status).not.toBe('pending');
    expect(result.success).toBe(agent.outcome.status === 'stored');
    expect(store.reports.size).toBe(result.success ? 1 : 0);
    expect(services.eventsOf('agent_started')).toHaveLength(1);
    expect(services.eventsOf('agent_completed').length + services.eventsOf('agent_error').length).toBe(1);
    expect(services.eventsOf('agent_completed')).toHaveLength(result.success ? 1 : 0);
  });
});

describe('with the switches of D11 off', () => {
  const off = { checkpoints: false, retry: false, breaker: false, fallback: false };

  it('D11 the same class on the same path makes the same report without touching Redis', async () => {
    const normal = await bench().run(reportContext());
    const { run, services } = bench({ resilience: off, redis: new AbsentRedisStore() });
    const { document, result } = await run(reportContext());
    expect(document).toEqual(normal.document);
    expect(result).toMatchObject({ success: true, checkpoints_used: 0 });
    expect(services.recorded.filter(({ name }) => name.startsWith('checkpoint'))).toEqual([]);
    expect(await redis.client.dbsize()).toBe(1);
  });

  it('D11 nothing is asked twice, nothing substituted, nothing fetched: the attempt fails with what it has', async () => {
    let helperAsked = 0;
    const { run, model } = bench({
      resilience: off,
      ask: async <Output>() => {
        helperAsked += 1;
        return {} as Output;
      },
      script: (request, asked) => (request.section === 'recommendations' ? 'no JSON' : honest(request, asked)),
    });
    const { result, agent, document } = await run(reportContext({ missing: ['quality: timed out'] }));
    expect(result).toMatchObject({ success: false, recovery_performed: false, resumed_sections: 0, checkpoints_used: 0 });
    expect(document.sections.map(({ name }) => name)).toEqual(['data_analysis']);
    expect(agent.outcome).toMatchObject({ status: 'failed', error: { code: 'REPORT_OUTPUT_UNREADABLE' } });
    expect(model.asked).toEqual(['data_analysis', 'recommendations']);
    expect(helperAsked).toBe(0);
  });

  it('D11 an attempt after a failure begins again from nothing', async () => {
    const context = reportContext();
    const stop = new AbortController();
    const first = bench({ resilience: off, onBoundary: (name) => void (name === 'section.before:action_items' && stop.abort(new Error('stop'))) });
    await first.run({ ...context, signal: stop.signal });
    const second = bench({ resilience: off });
    const { result } = await second.run(context);
    expect(second.model.asked).toEqual(generationOrder);
    expect(result.resumed_sections).toBe(0);
  });
});

describe('resources of an attempt', () => {
  it('D10 leaves no listener on Redis and no listener on the signal of the job', async () => {
    let watching = 0;
    const counted = new AbsentRedisStore();
    counted.onStateChange = () => {
      watching += 1;
      return () => void (watching -= 1);
    };
    const { run } = bench({ redis: counted });
    await run(reportContext());
    await until(() => watching === 0, 'listeners to be gone');
    expect(watching).toBe(0);
  });
});
