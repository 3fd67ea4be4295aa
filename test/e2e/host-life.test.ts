import { Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JournalEvent } from '../../src/journal/events.ts';
import { Lab } from '../helpers/lab.ts';
import { until } from '../helpers/until.ts';

const hosts = ['business-1', 'control-1', 'reporting-1', 'reporting-2'] as const;
const detail = z.object({ memory: z.object({ rss_bytes: z.number(), heap_used_bytes: z.number() }), agents: z.array(z.object({ agent_id: z.string(), status: z.string() })) });
const questions = ['How did orders develop?', 'Which shipments are late?', 'What is out of stock?', 'How are payments doing?'];

/** One fleet for a soak, and for the orderly end of one of its hosts. */
describe('the life of a host', { timeout: 120_000 }, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.start({ reportingHosts: 2, concurrency: 16 });
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  async function detailed(host: string): Promise<z.infer<typeof detail>> {
    return detail.parse(await (await fetch(`${lab.driver.url(host)}/health/detailed`)).json());
  }

  /** The least of several looks: in between there is always garbage. */
  async function memory(host: string): Promise<{ heap: number; rss: number }> {
    let heap = Number.POSITIVE_INFINITY;
    let rss = Number.POSITIVE_INFINITY;
    for (let look = 0; look < 40; look++) {
      const { memory: now } = await detailed(host);
      heap = Math.min(heap, now.heap_used_bytes);
      rss = Math.min(rss, now.rss_bytes);
    }
    return { heap, rss };
  }

  async function jobs(prefix: string, count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
    const queue = names.entries();
    const worker = async (): Promise<void> => {
      for (const [index, name] of queue) {
        await lab.submit(name, { userId: `user-${index % 7}`, question: questions[index % questions.length] as string });
        await lab.completed(name);
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
  }

  async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const { host, port } = lab.infra.services.kafka.direct;
    const admin = new Kafka({ brokers: [`${host}:${port}`], clientId: 'lab', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  it('F11 all fifteen agents stay up over hundreds of jobs, and memory stays flat', async () => {
    await jobs('warm', 60);
    const before = await Promise.all(hosts.map(memory));
    await jobs('soak', 140);
    const after = await Promise.all(hosts.map(memory));
    const grown = Object.fromEntries(hosts.map((host, index) => [host, { heap_mb: ((after[index]?.heap ?? 0) - (before[index]?.heap ?? 0)) / 2 ** 20, rss_mb: ((after[index]?.rss ?? 0) - (before[index]?.rss ?? 0)) / 2 ** 20 }]));
    for (const host of hosts) {
      expect(grown[host]?.heap_mb, `${host}: ${JSON.stringify(grown)}`).toBeLessThan(12);
      expect(grown[host]?.rss_mb, `${host}: ${JSON.stringify(grown)}`).toBeLessThan(60);
    }
    const { agents } = await detailed('business-1');
    expect(agents).toHaveLength(15);
    expect(agents.filter((agent) => agent.status !== 'ready')).toEqual([]);
    expect(lab.events.filter((event) => event.type === 'host.exited')).toEqual([]);
    for (const host of hosts) expect(await lab.hostLog(host)).not.toMatch(/unhandledRejection|uncaughtException|a listener failed|could not be counted/);
    expect(await lab.reportsInDatabase()).toHaveProperty('size', 200);
  });

  it('D12 the journal has what the hosts said of it meanwhile: calls, agents and sections, in a few lines a second', async () => {
    const of = <Type extends JournalEvent['type']>(type: Type): Extract<JournalEvent, { type: Type }>[] => lab.events.filter((event): event is Extract<JournalEvent, { type: Type }> => event.type === type);
    const messages = (agent: string): number => of('agent.sampled').reduce((sum, event) => sum + (event.agent === agent ? event.messages : 0), 0);
    const askedOfModel = (): number => of('dependency.sampled').reduce((sum, sample) => sum + (sample.dependency === 'llm' ? sample.calls : 0), 0);
    // Each job is submitted, requested, and settled; with as many questions for triage and data, and four sections.
    await until(() => messages('supervisor') >= 600 && messages('triage') >= 200 && messages('data') >= 200 && askedOfModel() >= 800, 'all messages and calls to be told', 20_000);
    expect(new Set(of('agent.sampled').flatMap(({ host, agent }) => (host === 'business-1' ? [agent] : []))).size).toBeGreaterThan(3);
    expect(of('agent.sampled').filter(({ agent }) => agent === 'reporting')).toEqual([]);

    const calls = of('dependency.sampled');
    expect(new Set(calls.flatMap(({ host, dependency }) => (host === 'reporting-1' ? [dependency] : [])))).toEqual(new Set(['postgres', 'redis', 'kafka', 'llm']));
    for (const sample of calls) {
      expect(sample.calls).toBeGreaterThan(0);
      expect(sample.latency_p50_ms).toBeLessThanOrEqual(sample.latency_max_ms);
    }
    const asked = (await lab.llmLog()).filter((entry) => entry.type === 'request').length;
    expect(askedOfModel()).toBeLessThanOrEqual(asked);

    const sections = of('section.completed');
    expect(new Set(sections.map(({ job_id, section }) => `${job_id} ${section}`)).size).toBe(800);
    expect(sections.filter(({ text, truncated }) => !text.startsWith('## ') || text.length > 4_000 || (truncated === true && text.length < 3_999))).toEqual([]);

    for (const host of hosts) {
      const times = [...of('agent.sampled'), ...calls].filter((event) => event.host === host).map(({ host_at: at }) => at);
      const seconds = (Math.max(...times) - Math.min(...times)) / 1_000 + 1;
      expect(times.length / seconds, `${host}: lines a second`).toBeLessThan(9);
    }
  });

  it('F12 SIGTERM: jobs under way are ended, offsets committed, groups left, connections closed, exit code 0', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `term-${index}`);
    const asked = (await lab.llmLog()).filter((entry) => entry.type === 'request').length;
    await Promise.all(names.map((name) => lab.submit(name)));
    // Both hosts are at work on them.
    await lab.event((event) => event.type === 'agent.started' && event.host === 'reporting-1' && event.job_id?.startsWith('lab-term-') === true);
    const before = lab.events.length;
    lab.driver.processOf('reporting-1')?.kill('SIGTERM');
    const exit = await lab.event((event) => event.seq > before && event.type === 'host.exited' && event.host === 'reporting-1');
    expect(exit).toMatchObject({ exit_code: 0, signal: null });
    const members = await withAdmin(async (admin) => (await admin.describeGroups(['reporting', 'replies.reporting-1'])).groups.map((group) => group.members.map((member) => member.clientId)));
    expect(members[0]?.filter((id) => id === 'reporting-1')).toEqual([]);
    expect(members[0]?.length).toBeGreaterThan(0);
    expect(members[1]).toEqual([]);

    const views = await Promise.all(names.map((name) => lab.completed(name)));
    for (const view of views) expect(view.result).toMatchObject({ success: true, level: 'FULL', recovery_performed: false, resumed_sections: 0 });
    // Nothing was begun anew by the host that was left: what was under way was ended, and its offset committed.
    const paid = (await lab.llmLog()).filter((entry) => entry.type === 'request').length - asked;
    expect(paid).toBe(names.length * 4);
    const starts = lab.events.filter((event) => event.seq > before && event.type === 'agent.started' && event.job_id !== undefined).map((event) => (event as { job_id: string }).job_id);
    expect(new Set(starts).size).toBe(starts.length);
    const log = await lab.hostLog('reporting-1');
    expect(log).toContain('host is shutting down');
    expect(log).not.toContain('shutdown was not clean');
    await until(async () => lab.events.some((event) => event.seq > before && event.type === 'host.ready' && event.host === 'reporting-1'), 'the host to be back', 20_000);
  });

  it('F12 SIGTERM of the host that leads ends within its grace, and its successor takes up what is left', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `lead-${index}`);
    await Promise.all(names.map((name) => lab.submit(name)));
    const before = lab.events.length;
    lab.driver.processOf('control-1')?.kill('SIGTERM');
    const exit = await lab.event((event) => event.seq > before && event.type === 'host.exited' && event.host === 'control-1');
    expect(exit).toMatchObject({ exit_code: 0, signal: null });
    const views = await Promise.all(names.map((name) => lab.completed(name)));
    for (const view of views) expect(view.result).toMatchObject({ success: true, level: 'FULL' });
  });

  it('D12 the journal tells how far a breaker was when it opened, until when it stays so, and what came of the sections', async () => {
    const before = lab.events.length;
    const since = (event: JournalEvent): boolean => event.seq > before && 'host' in event && event.host?.startsWith('reporting-') === true;
    await lab.setProxy('llm', false);
    // Somebody of whom no section is in a cache.
    await lab.submit('no-model', { userId: 'user-without-reports' });
    const opened = await lab.event((event): event is Extract<JournalEvent, { type: 'breaker.transition' }> => since(event) && event.type === 'breaker.transition' && event.breaker === 'llm' && event.to === 'open');
    expect(opened.probe_in_ms).toBe(5_000);
    expect(opened.failure_rate).toBeGreaterThanOrEqual(0.15);
    expect(opened.failure_rate).toBeLessThanOrEqual(1);
    const failing = await lab.event((event): event is Extract<JournalEvent, { type: 'dependency.sampled' }> => since(event) && event.type === 'dependency.sampled' && event.dependency === 'llm' && event.failures > 0);
    expect(failing.calls).toBeGreaterThanOrEqual(failing.failures);
    await lab.completed('no-model');
    const written = lab.events.filter((event) => event.type === 'section.completed' && event.job_id === 'lab-no-model') as Extract<JournalEvent, { type: 'section.completed' }>[];
    expect(written.length).toBeGreaterThan(0);
    expect(written.every(({ source }) => source === 'template')).toBe(true);
    await lab.setProxy('llm', true);
    // A breaker that is let probe sooner, or is closed again and begins anew, is told of.
    const again = async (name: string): Promise<void> => {
      await lab.submit(name);
      await lab.completed(name);
    };
    let round = 0;
    await until(
      async () => {
        await again(`model-${++round}`);
        return lab.events.some((event) => since(event) && event.type === 'breaker.sampled' && event.breaker === 'llm' && event.host === opened.host && event.seq > opened.seq);
      },
      'the breaker to be told of',
      30_000,
    );
  });
});
