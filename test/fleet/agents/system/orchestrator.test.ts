import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import type { ResilienceSwitches } from '../../../../src/fleet/agents/resilience-switches.ts';
import type { AskAgent } from '../../../../src/fleet/agents/services.ts';
import { WorkflowOrchestrator, type DirectGenerate } from '../../../../src/fleet/agents/system/orchestrator.ts';
import { SupervisorAgent } from '../../../../src/fleet/agents/system/supervisor.ts';
import { ResilientDatabase } from '../../../../src/fleet/connectors/database/resilient-database.ts';
import type { ReportResult } from '../../../../src/fleet/jobs/job.ts';
import { JobStore } from '../../../../src/fleet/jobs/job-store.ts';
import { jobTopics, type ReportOutcome, type ReportRequest, type ReportWork } from '../../../../src/fleet/jobs/messages.ts';
import { jobTables } from '../../../../src/fleet/jobs/tables.ts';
import { MissingDataError, TransientError } from '../../../../src/fleet/reporting/error-codes.ts';
import { until } from '../../../helpers/until.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';
import { createHarness } from '../../connectors/connector-harness.ts';
import { temporaryFolder } from '../../connectors/database/database-servers.ts';
import { fakeServices, type FakeServices } from '../agent-services.ts';

const period = { from: '2025-01-01', to: '2025-12-31' };
const submission = (runId: string) => ({ run_id: runId, user_id: 'u', question: 'How?', period });
const sheet = (agent: string) => ({ agent, period, facts: [{ id: `${agent}.a`, agent, label: 'A', value: 1, unit: 'count', display: '1' }], missing: [], asOf: '2025-12-31' });
const good: ReportResult = { success: true, report: 'text', level: 'FULL', missing_data: [], recovery_performed: false, checkpoints_used: 0, resumed_sections: 0, correlation_id: 'c' };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let database: ResilientDatabase;
let number = 0;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

/** On a real SQLite: what a job's state is, the database says. */
beforeEach(async () => {
  database = new ResilientDatabase(createHarness(), { url: 'postgres://127.0.0.1:1/x', stateDir: `${folder.path}/${++number}` });
  await database.useFallback('a test without PostgreSQL');
  await database.ensureTables(jobTables);
});
afterEach(() => database.close());

class World {
  readonly clock = new VirtualClock();
  readonly asked: string[] = [];
  answers: AskAgent = (agent, _action, input) => {
    if (agent === 'triage') return Promise.resolve({ agents: ['order', 'payment'], matched: [], scope: 'focused' } as never);
    if (agent === 'data') return Promise.resolve({ fact_sheets: (input as { agents: string[] }).agents.map(sheet), missing: [], unanswered: [] } as never);
    return Promise.resolve({ fact_sheets: [sheet('payment')], missing: [], unanswered: [] } as never);
  };
  direct: DirectGenerate = async (work) => ({ status: 'reported', run_id: work.request.run_id, user_id: 'u', host: 'reporting-1', fencing_token: work.dispatch, result: good });
  readonly services: FakeServices;
  readonly jobs: JobStore;
  readonly orchestrator: WorkflowOrchestrator;
  readonly supervisor: SupervisorAgent;
  level = 0;

  constructor(resilience: Partial<ResilienceSwitches> = {}) {
    this.services = fakeServices({
      clock: this.clock,
      database,
      resilience,
      level: () => this.level,
      ask: (agent, action, input, options) => {
        this.asked.push(`${agent}.${action}`);
        return this.answers(agent, action, input, options);
      },
    });
    this.jobs = new JobStore(database, this.clock);
    this.orchestrator = new WorkflowOrchestrator(this.services, this.jobs, (work, call) => this.direct(work, call));
    this.supervisor = new SupervisorAgent(this.services, this.jobs, this.orchestrator);
  }

  get bus(): FakeServices['fakes']['bus'] {
    return this.services.fakes.bus;
  }
  get works(): ReportWork[] {
    return this.bus.on<ReportWork>(jobTopics.work);
  }

  async listening(): Promise<this> {
    await Promise.all(this.orchestrator.subscribe());
    return this;
  }

  async accepted(runId: string): Promise<ReportRequest> {
    return this.jobs.accept(submission(runId), 'c', {});
  }

  /** A job that has been dispatched once. */
  async dispatched(runId: string): Promise<ReportWork> {
    const request = await this.accepted(runId);
    await this.orchestrator.submit(request);
    await this.bus.deliver();
    return this.works.at(-1) as ReportWork;
  }

  async outcome(outcome: ReportOutcome): Promise<unknown[]> {
    await this.bus.publish(jobTopics.results, [{ key: outcome.run_id, value: outcome }]);
    return this.bus.deliver();
  }

  failed(work: ReportWork, error: Error & { missing?: readonly string[] }, code: string, recovery: 'retry' | 'fallback' | 'fail'): ReportOutcome {
    return { status: 'failed', run_id: work.request.run_id, user_id: 'u', host: 'reporting-1', error: { code, message: error.message, severity: 'medium', recovery, ...(error.missing === undefined ? {} : { missing: [...error.missing] }) }, work };
  }

  events(type: string): object[] {
    return this.services.events.filter((event) => event.type === type);
  }
}

const reported = (work: ReportWork, result = good): ReportOutcome => ({ status: 'reported', run_id: work.request.run_id, user_id: 'u', host: 'reporting-1', fencing_token: 1_001, result });

describe('a job on its way', () => {
  it('F06 is triaged, gets its data and is dispatched, its deadline counted from its acceptance; its report ends it', async () => {
    const world = await new World().listening();
    const request = await world.jobs.accept({ ...submission('a'), timeout_ms: 60_000 }, 'c', {});
    await world.clock.advance(10_000);
    await world.orchestrator.submit(request);
    expect(await world.bus.deliver()).toEqual([]);
    expect(await world.bus.deliver()).toEqual([]);
    expect(world.asked).toEqual(['triage.classify', 'data.collect']);
    expect(world.works).toMatchObject([{ request: { run_id: 'a' }, dispatch: 1, degrade: false, data_helper_asked: false, fact_sheets: [{ agent: 'order' }, { agent: 'payment' }] }]);
    const sent = world.bus.published.find((message) => message.topic === jobTopics.work);
    expect(Number(sent?.headers?.['x-netra-deadline-ms'])).toBe(request.accepted_at + 60_000);
    await world.outcome(reported(world.works[0] as ReportWork));
    expect(await world.jobs.view('a', {})).toMatchObject({ status: 'completed', attempts: 1, result: good });
  });

  it('C08 every dispatch has a number of its own, also after a restart of the orchestrator', async () => {
    const first = await new World().listening();
    const work = await first.dispatched('a');
    const second = new World();
    await second.orchestrator.handleReportingFailure(new Error('x'), { request: work.request, work });
    expect([...first.works, ...second.works].map(({ dispatch }) => dispatch)).toEqual([1, 2]);
  });

  it('F12 a message that comes twice is worked on once, and not at all once there is a report', async () => {
    const world = await new World().listening();
    const work = await world.dispatched('a');
    await world.bus.publish(jobTopics.requests, [{ key: 'a', value: work.request }]);
    await world.bus.deliver();
    expect(world.works).toHaveLength(1);
    await world.outcome(reported(work));
    await world.outcome(reported(work, { ...good, level: 'BASIC' }));
    await world.bus.publish(jobTopics.requests, [{ key: 'a', value: work.request }]);
    await world.outcome(world.failed(work, new Error('late'), 'AGENT_FAILED', 'retry'));
    expect(world.works).toHaveLength(1);
    expect((await world.jobs.view('a', {})).result?.level).toBe('FULL');
  });

  it('D11 with deduplication off every delivery is worked on, before there is a report and after', async () => {
    const world = await new World({ deduplication: false }).listening();
    const work = await world.dispatched('a');
    await world.bus.publish(jobTopics.requests, [{ key: 'a', value: work.request }]);
    await world.bus.deliver();
    expect(world.works.map(({ dispatch }) => dispatch)).toEqual([1, 2]);
    await world.outcome(reported(work));
    await world.bus.publish(jobTopics.requests, [{ key: 'a', value: work.request }]);
    await world.bus.deliver();
    expect(world.works).toHaveLength(3);
    expect((await world.jobs.view('a', {})).result?.level).toBe('FULL');
  });
});

describe('handleReportingFailure', () => {
  it('D07 MissingDataError → the data helper, once; what it found replaces what was missing', async () => {
    const world = await new World().listening();
    const work = { ...(await world.dispatched('a')), fact_sheets: [], missing: ['payment: late', 'order: late'] } as ReportWork;
    world.asked.length = 0;
    world.answers = async () => ({ fact_sheets: [sheet('payment')], missing: ['order: still late'], unanswered: ['order'] }) as never;
    await world.orchestrator.handleReportingFailure(new MissingDataError(['payment: late', 'order: late']), { request: work.request, work });
    expect(world.asked).toEqual(['data_helper.fetch_missing']);
    expect(world.works.at(-1)).toMatchObject({ dispatch: 2, degrade: false, data_helper_asked: true, fact_sheets: [{ agent: 'payment' }], missing: ['order: still late'] });
    await world.orchestrator.handleReportingFailure(new MissingDataError(['order: still late']), { request: work.request, work: world.works.at(-1) as ReportWork });
    expect(world.asked).toEqual(['data_helper.fetch_missing']);
    expect(world.works.at(-1)).toMatchObject({ dispatch: 3, degrade: true });
    expect(world.events('fallback_triggered')).toMatchObject([{ kind: 'data_helper', job_id: 'a', correlation_id: 'c' }, { kind: 'degrade' }]);
  });

  it('D07 the data helper is asked also where a transient failure came first', async () => {
    const world = await new World().listening();
    const work = await world.dispatched('a');
    const retrying = world.orchestrator.handleReportingFailure(new TransientError('busy'), { request: work.request, work });
    await world.clock.advance(10_000);
    await retrying;
    await world.orchestrator.handleReportingFailure(new MissingDataError(['payment: late']), { request: work.request, work: world.works.at(-1) as ReportWork });
    expect(world.works.at(-1)).toMatchObject({ dispatch: 3, data_helper_asked: true, degrade: false });
  });

  it('D07 a data helper that cannot be asked is no reason to lose the job: it is degraded', async () => {
    const world = await new World().listening();
    const work = await world.dispatched('a');
    world.answers = () => Promise.reject(new Error('nobody home'));
    await world.orchestrator.handleReportingFailure(new MissingDataError(['payment: late']), { request: work.request, work });
    expect(world.works.at(-1)).toMatchObject({ dispatch: 2, degrade: true });
    const nonsense = await new World().listening();
    nonsense.answers = async () => ({ surprise: true }) as never;
    await nonsense.orchestrator.handleReportingFailure(new MissingDataError(['payment: late']), { request: work.request, work });
    expect(nonsense.works.at(-1)).toMatchObject({ degrade: true });
  });

  it('D07 TransientError → another attempt after a backoff, and told so; the fourth failure degrades', async () => {
    const world = await new World().listening();
    let work = await world.dispatched('a');
    for (const attempt of [2, 3, 4]) {
      const retrying = world.orchestrator.handleReportingFailure(new TransientError('busy'), { request: work.request, work });
      await world.clock.advance(0);
      await until(() => world.events('retry_scheduled').length === attempt - 1, 'the retry to be told');
      await world.clock.advance(10_000);
      await retrying;
      work = world.works.at(-1) as ReportWork;
      expect(work).toMatchObject({ dispatch: attempt, degrade: false });
    }
    expect(world.events('retry_scheduled')).toMatchObject([2, 3, 4].map((attempt) => ({ attempt, code: 'REPORT_TRANSIENT', job_id: 'a' })));
    await world.orchestrator.handleReportingFailure(new TransientError('busy'), { request: work.request, work });
    expect(world.works.at(-1)).toMatchObject({ dispatch: 5, degrade: true });
  });

  it('D07 a server that says when to come back is believed', async () => {
    const world = await new World().listening();
    const work = await world.dispatched('a');
    const retrying = world.orchestrator.handleReportingFailure(new TransientError('busy', { retryAfterMs: 7_000 }), { request: work.request, work });
    await world.clock.advance(6_900);
    expect(world.works).toHaveLength(1);
    await world.clock.advance(200);
    await retrying;
    expect(world.works).toHaveLength(2);
  });

  it('D07 anything else → degrade at once; a degraded attempt that fails too is made again, with a wait, for ever', async () => {
    const world = await new World().listening();
    let work = await world.dispatched('a');
    await world.orchestrator.handleReportingFailure(new Error('a bug'), { request: work.request, work });
    work = world.works.at(-1) as ReportWork;
    expect(work).toMatchObject({ dispatch: 2, degrade: true });
    for (let turn = 0; turn < 6; turn++) {
      const dispatches = world.works.length;
      const again = world.orchestrator.handleReportingFailure(new Error('a bug'), { request: work.request, work });
      await world.clock.advance(0);
      expect(world.works).toHaveLength(dispatches);
      await world.clock.advance(10_000);
      await again;
      work = world.works.at(-1) as ReportWork;
      expect(work).toMatchObject({ dispatch: turn + 3, degrade: true });
    }
  });

  it('D07 a failure during the wait for another attempt is not lost: the outcome stays with Kafka', async () => {
    const world = await new World().listening();
    const work = await world.dispatched('a');
    await world.bus.publish(jobTopics.results, [{ key: 'a', value: world.failed(work, new Error('busy'), 'DATABASE_UNAVAILABLE', 'retry') }]);
    const delivering = world.bus.deliver();
    await until(() => world.events('retry_scheduled').length === 1, 'the retry to be told');
    await world.orchestrator.stop();
    expect(await delivering).toMatchObject([{ message: 'orchestrator is shutting down' }]);
    expect(world.bus.undelivered).toBeGreaterThan(0);
  });

  it('D11 with the fallback off the failure is the job\'s result, and nobody is asked again', async () => {
    const world = await new World({ retry: false, fallback: false }).listening();
    const work = await world.dispatched('a');
    world.asked.length = 0;
    await world.orchestrator.handleReportingFailure(new MissingDataError(['payment: late']), { request: work.request, work: { ...work, missing: ['payment: late'] } });
    expect(world.asked).toEqual([]);
    expect(world.works).toHaveLength(1);
    expect(await world.jobs.view('a', {})).toMatchObject({ status: 'completed', result: { success: false, missing_data: ['payment: late'], recovery_performed: false, correlation_id: 'c' } });
  });
});

describe('data that cannot be gathered', () => {
  it('D07 is asked for again, twice, and then the job goes on without; a data agent that never answers loses no job', async () => {
    const world = await new World().listening();
    const request = await world.accepted('a');
    const triage = world.answers;
    world.answers = (agent, ...rest) => (agent === 'triage' ? triage(agent, ...rest) : Promise.reject(new Error('no answer')));
    await world.orchestrator.submit(request);
    expect(await world.bus.deliver()).toHaveLength(1);
    expect(await world.bus.deliver()).toHaveLength(1);
    expect(await world.bus.deliver()).toHaveLength(0);
    expect(world.works).toMatchObject([{ dispatch: 1, fact_sheets: [], missing: ['order: could not be asked (no answer)', 'payment: could not be asked (no answer)'] }]);
  });

  it('N07 an answer of triage or data that is none is not passed on', async () => {
    const world = await new World().listening();
    world.answers = async () => ({ agents: 'all of them' }) as never;
    const request = await world.accepted('a');
    await world.orchestrator.submit(request);
    for (let turn = 0; turn < 3; turn++) await world.bus.deliver();
    expect(world.works).toMatchObject([{ fact_sheets: [], missing: [expect.stringMatching(/^data: could not be asked/)] }]);
  });
});

describe('without Kafka', () => {
  it('F08 a job goes by direct calls, and its report is kept', async () => {
    const world = await new World().listening();
    world.orchestrator.start();
    await world.clock.advance(0);
    world.bus.set(false);
    await world.supervisor.submit(submission('a'), { correlationId: 'c' });
    await world.clock.advance(1);
    await until(async () => (await world.jobs.view('a', {})).status === 'completed', 'the report', 3_000);
    expect(world.bus.published).toEqual([]);
    await world.orchestrator.stop();
    // What is accepted in the last moment is durable, and wakes nobody up any more.
    await world.orchestrator.submit(await world.accepted('b'));
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('F08 a reporting host that cannot be reached is tried again, and nothing is lost', async () => {
    const world = await new World().listening();
    world.bus.set(false);
    let attempts = 0;
    const reach = world.direct;
    world.direct = (work, call) => (++attempts < 3 ? Promise.reject(new Error('connect ECONNREFUSED')) : reach(work, call));
    world.orchestrator.start();
    await world.supervisor.submit(submission('a'), { correlationId: 'c' });
    await until(async () => {
      await world.clock.advance(2_000);
      return (await world.jobs.view('a', {})).status === 'completed';
    }, 'the report', 5_000);
    expect(attempts).toBe(3);
    await world.orchestrator.stop();
  });

  it('D11 with direct calls off a job waits for Kafka', async () => {
    const world = await new World({ directCalls: false }).listening();
    let direct = 0;
    world.direct = () => Promise.reject(new Error(`called directly ${++direct} times`));
    world.bus.set(false);
    await world.supervisor.submit(submission('a'), { correlationId: 'c' });
    world.orchestrator.start();
    await until(async () => {
      await world.clock.advance(2_000);
      return world.clock.monotonicMs() >= 30_000;
    }, '15 sweeps', 5_000);
    expect(world.asked).toEqual([]);
    expect(direct).toBe(0);
    await world.orchestrator.stop();
  });

  it('F08 jobs accepted while Kafka is away are sent over it once it is back', async () => {
    const world = await new World({ directCalls: false }).listening();
    world.bus.set(false);
    await world.supervisor.submit(submission('a'), { correlationId: 'c' });
    expect(world.bus.published).toEqual([]);
    world.bus.set(true);
    world.orchestrator.start();
    await until(async () => {
      await world.clock.advance(2_000);
      return world.bus.on(jobTopics.requests).length > 0;
    }, 'the request', 5_000);
    await world.orchestrator.stop();
  });
});

describe('after a crash', () => {
  it('F12 a job that was accepted and never sent on its way is taken up at once', async () => {
    const dead = new World();
    await dead.accepted('a');
    const world = await new World().listening();
    world.orchestrator.start();
    await world.clock.advance(0);
    await until(() => world.bus.on(jobTopics.requests).length === 1, 'the request');
    await world.bus.deliver();
    expect(world.works).toHaveLength(1);
    await world.clock.advance(20_000);
    expect(world.bus.on(jobTopics.requests)).toHaveLength(1);
    await world.orchestrator.stop();
  });

  it('F12 one that was dispatched is left to whoever has it, and taken up when nothing is heard for 45 s', async () => {
    const dead = await new World().listening();
    await dead.dispatched('a');
    const world = await new World().listening();
    world.orchestrator.start();
    const sweeps = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 2_000) {
        await world.clock.advance(2_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await sweeps(40_000);
    expect(world.bus.published).toEqual([]);
    await until(async () => {
      await sweeps(2_000);
      return world.bus.on(jobTopics.requests).length === 1;
    }, 'the request');
    await world.orchestrator.stop();
  });

  it('F12 a stream of other reports does not keep a lost job waiting for ever', async () => {
    const dead = await new World().listening();
    await dead.dispatched('lost');
    const world = await new World().listening();
    world.orchestrator.start();
    let n = 0;
    await until(async () => {
      const request = await world.accepted(`other-${++n}`);
      await world.outcome({ status: 'reported', run_id: request.run_id, user_id: 'u', host: 'h', fencing_token: 1, result: good });
      await world.clock.advance(2_000);
      return world.bus.on<ReportRequest>(jobTopics.requests).some((message) => message.run_id === 'lost');
    }, 'the lost job', 15_000);
    expect(world.clock.monotonicMs()).toBeGreaterThan(45_000);
    expect(world.clock.monotonicMs()).toBeLessThan(400_000);
    await world.orchestrator.stop();
  });
});

describe('the supervisor', () => {
  it('F08 at level 3 and above nothing is accepted: READ_ONLY with a time to come back; what is there can be read', async () => {
    const world = await new World().listening();
    await world.accepted('old');
    for (world.level of [3, 4]) await expect(world.supervisor.submit(submission('new'), {})).rejects.toMatchObject({ code: 'READ_ONLY', retryAfterMs: 5_000, retriable: true });
    expect(await world.supervisor.view('old', {})).toMatchObject({ status: 'accepted' });
    await expect(world.jobs.view('new', {})).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
    for (world.level of [0, 1, 2]) expect(await world.supervisor.submit(submission(`new-${world.level}`), {})).toMatchObject({ status: 'accepted' });
  });
});
