import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEvent, JournalFact } from '../../../src/journal/events.ts';
import { applyEvent } from '../../../src/tui/model/apply-event.ts';
import { newScreenState } from '../../../src/tui/model/new-state.ts';
import { activeFaults, dependencyStatus, fleetLevel, type ScreenState } from '../../../src/tui/model/screen-state.ts';
import { journalOf } from '../journal-of.ts';

function folded(facts: Parameters<typeof journalOf>[0]): ScreenState {
  const state = newScreenState();
  for (const event of journalOf(facts)) applyEvent(state, event);
  return state;
}

const host = { host: 'reporting-1', host_at: 0 };
const job = { job: 'job-1', job_id: 'r-1-job-1' };
const about = { ...host, agent: 'reporting', job_id: job.job_id };
const started: JournalFact = { type: 'run.started', command: 'chaos', seed: '7', provider: 'embedded', control: false, versions: {}, machine: { platform: 'linux', cpus: 2, memory_mb: 1 }, jobs: 2 };
const submitted: JournalFact = { type: 'job.submitted', ...job, user_id: 'user-1', question: 'How?' };
const reported: JournalFact = { type: 'job.reported', ...job, user_id: 'user-1', duration_ms: 5, result: { success: true, level: 'REDUCED', missing_data: ['fraud'] }, sections: ['summary'], report_path: 'x.md' };

describe('the state of a screen', () => {
  it('P03 holds what the run is, from its first events on', () => {
    const { header } = folded([started, { type: 'scenario.planned', name: 'redis-drop', path: 'x', hash: 'h', text: 'name: redis-drop\ndescription: >-\n  Redis goes\n  away.' }]);
    expect(header).toMatchObject({ runId: 'r-1', command: 'chaos', seed: '7', provider: 'embedded', scenario: 'redis-drop', description: 'Redis goes away.', jobsTotal: 2, phase: 'starting' });
  });

  it('P03 a scenario file that cannot be read any more leaves the rest of the screen alone', () => {
    expect(folded([started, { type: 'scenario.planned', name: 'x', path: 'x', hash: 'h', text: '{{{ no yaml' }]).header).toMatchObject({ scenario: 'x', description: '' });
  });

  it('P03 the level of the fleet is the worst of its hosts, and falls back as they do', () => {
    const change = (name: string, from: number, to: number): JournalFact => ({ type: 'level.changed', host: name, host_at: 0, from, to, reason: `${name} says ${to}` });
    const state = folded([change('reporting-1', 0, 2), change('control-1', 0, 3), change('control-1', 3, 0), change('reporting-1', 2, 0)]);
    expect(state.levels.map(({ level }) => level)).toEqual([0, 2, 3, 2, 0]);
    expect(fleetLevel(folded([change('reporting-1', 0, 2), change('control-1', 0, 3)]))).toMatchObject({ level: 3, reason: 'control-1 says 3' });
  });

  it('P03 a host that was killed is seen as crashed, takes its level and breakers along, and comes back counted', () => {
    const before: readonly JournalFact[] = [
      { type: 'host.started', host: 'reporting-1', pid: 1, restart: 0 },
      { type: 'host.ready', host: 'reporting-1', duration_ms: 1 },
      { type: 'level.changed', ...host, from: 0, to: 2, reason: 'x' },
      { type: 'breaker.transition', ...host, breaker: 'redis', from: 'closed', to: 'open' },
      { type: 'dependency.changed', ...host, dependency: 'redis', up: false, detail: 'gone' },
      { type: 'agent.started', ...about, operation: 'report' },
      { type: 'host.exited', host: 'reporting-1', pid: 1, exit_code: null, signal: 'SIGKILL', expected: true },
    ];
    const dead = folded(before);
    expect(dead.hosts.get('reporting-1')).toMatchObject({ status: 'crashed', level: 0 });
    expect(dead.breakers.size).toBe(0);
    expect(fleetLevel(dead).level).toBe(0);
    expect(dead.agents.get('reporting-1/reporting')?.working.size).toBe(0);
    expect(dead.dependencies.get('redis')?.byHost.size).toBe(0);
    const back = folded([...before, { type: 'host.started', host: 'reporting-1', pid: 2, restart: 1 }, { type: 'host.ready', host: 'reporting-1', duration_ms: 1 }]);
    expect(back.hosts.get('reporting-1')).toMatchObject({ status: 'ready', restarts: 1 });
    expect(back.marks.last().map(({ kind }) => kind)).toEqual(expect.arrayContaining(['host-exit', 'host-back']));
    expect(folded([...before.slice(0, 2), { type: 'host.exited', host: 'reporting-1', pid: 1, exit_code: 0, signal: null, expected: true }]).hosts.get('reporting-1')?.status).toBe('ended');
  });

  it('P03 sections are seen as they are written, saved and resumed, with their text', () => {
    const state = folded([
      submitted,
      { type: 'job.accepted', ...job, correlation_id: 'c' },
      { type: 'agent.started', ...about, operation: 'report', attempt: 1_001 },
      { type: 'agent.thinking', ...about, operation: 'report', section: 'data_analysis' },
      { type: 'section.completed', ...about, section: 'data_analysis', source: 'model', text: 'Orders rose.' },
      { type: 'checkpoint.saved', ...about, section: 'data_analysis', fencing_token: 1, bytes: 1, duration_ms: 1 },
      { type: 'agent.thinking', ...about, operation: 'report', section: 'recommendations' },
    ]);
    const view = state.jobs.get(job.job_id);
    expect([...(view?.sections.values() ?? [])].map(({ section, status, text }) => [section, status, text])).toEqual([
      ['data_analysis', 'saved', 'Orders rose.'],
      ['recommendations', 'writing', ''],
    ]);
    expect(view).toMatchObject({ status: 'working', host: 'reporting-1', checkpointsSaved: 1 });
    const resumed = folded([submitted, { type: 'checkpoint.resumed', ...about, sections: ['data_analysis'], fencing_token: 2, age_seconds: 1 }, { type: 'section.completed', ...about, section: 'data_analysis', source: 'checkpoint', text: 'Orders rose.' }, reported]);
    expect(resumed.jobs.get(job.job_id)).toMatchObject({ resumes: 1, status: 'reported', level: 'REDUCED', success: true, missingData: ['fraud'] });
    expect(resumed.jobs.get(job.job_id)?.sections.get('data_analysis')).toMatchObject({ status: 'resumed', text: 'Orders rose.' });
    expect(resumed.counts).toMatchObject({ submitted: 1, reported: 1, resumed: 1 });
    expect([...resumed.openJobs]).toEqual([]);
  });

  it('P03 jobs that only judge a steady state are shown as such and counted nowhere', () => {
    const state = folded([
      { type: 'agent.started', ...about, job_id: 'r-1-steady-before', operation: 'report' },
      { type: 'checkpoint.saved', ...about, job_id: 'r-1-steady-before', section: 's', fencing_token: 1, bytes: 1, duration_ms: 1 },
      { type: 'agent.completed', ...about, job_id: 'r-1-steady-before', operation: 'report', duration_ms: 3, level: 'FULL' },
    ]);
    expect(state.jobs.get('r-1-steady-before')).toMatchObject({ steady: true, status: 'reported', level: 'FULL', success: true });
    expect(state.counts).toMatchObject({ submitted: 0, reported: 0, checkpoints: 0 });
  });

  it('P03 a fault is active from its injection to its healing, each time of it for itself', () => {
    const inject = (occurrence: number, atMs: number): readonly [number, JournalFact] => [atMs, { type: 'fault.injected', fault: 'down-redis-1', fault_type: 'down', target: 'redis', parameters: {}, occurrence, lasts_ms: 500 }];
    const heal = (occurrence: number, atMs: number): readonly [number, JournalFact] => [atMs, { type: 'fault.healed', fault: 'down-redis-1', occurrence, affected: 3, unit: 'connections', reason: 'length' }];
    expect(activeFaults(folded([inject(1, 100), heal(1, 600), inject(2, 900)])).map(({ occurrence, lastsMs }) => [occurrence, lastsMs])).toEqual([[2, 500]]);
    expect(folded([inject(1, 100), inject(2, 200), heal(2, 300)]).faults).toMatchObject([{ healedAtMs: undefined }, { healedAtMs: 300, affected: 3 }]);
  });

  it('P03 a dependency is up, down, or down for some', () => {
    const say = (name: string, up: boolean): JournalFact => ({ type: 'dependency.changed', host: name, host_at: 0, dependency: 'kafka', up, detail: '' });
    const status = (facts: JournalFact[]): string => dependencyStatus(folded(facts).dependencies.get('kafka') as never);
    expect([status([]), status([say('a', true)]), status([say('a', false), say('b', true)]), status([say('a', false), say('b', false)])]).toEqual(['unknown', 'up', 'partly down', 'down']);
    expect(status([{ type: 'dependency.sampled', ...host, dependency: 'kafka', interval_ms: 1_000, calls: 4, failures: 1, latency_p50_ms: 2, latency_max_ms: 9 }])).toBe('up');
  });

  it('P03 the time of the next probe comes from when it was said', () => {
    const opened = folded([[1_000, { type: 'breaker.transition', ...host, breaker: 'redis', from: 'closed', to: 'open', failure_rate: 1, probe_in_ms: 5_000 }]]);
    expect(opened.breakers.get('reporting-1/redis')).toMatchObject({ state: 'open', failureRate: 1, probeAtMs: 6_000, sinceMs: 1_000, from: 'closed' });
    const sampled = folded([[1_000, { type: 'breaker.transition', ...host, breaker: 'redis', from: 'closed', to: 'open' }], [3_000, { type: 'breaker.sampled', ...host, breaker: 'redis', state: 'half-open', failure_rate: null, calls: 2, probe_in_ms: null }]]);
    expect(sampled.breakers.get('reporting-1/redis')).toMatchObject({ state: 'half-open', failureRate: undefined, probeAtMs: undefined, sinceMs: 3_000, calls: 2 });
  });

  it('P03 the last hundred errors of an agent are kept, and all are counted', () => {
    const state = folded(Array.from({ length: 250 }, (_, index): JournalFact => ({ type: 'agent.error', ...about, operation: 'report', error: { code: `E${index}`, message: 'm', severity: 'low', recovery: 'retry', correlation_id: 'c' } as never })));
    const agent = state.agents.get('reporting-1/reporting');
    expect(agent?.errors).toBe(250);
    expect(agent?.recentErrors.last()).toHaveLength(100);
    expect(agent?.recentErrors.last().at(-1)?.code).toBe('E249');
  });

  it('P03 texts of jobs long done are let go, their levels are not', () => {
    const state = folded(
      Array.from({ length: 300 }, (_, index): JournalFact[] => {
        const ids = { job: `job-${index}`, job_id: `r-1-job-${index}` };
        return [{ type: 'job.submitted', ...ids, user_id: 'u', question: 'q' }, { type: 'section.completed', ...about, ...ids, section: 'summary', source: 'model', text: 'long' }, { ...reported, ...ids }];
      }).flat(),
    );
    const texts = [...state.jobs.values()].filter((view) => view.sections.get('summary')?.text !== '');
    expect(texts).toHaveLength(200);
    expect(texts[0]?.job).toBe('job-100');
    expect(state.counts.byLevel.get('REDUCED')).toBe(300);
  });

  it('P03 what this version does not know changes nothing but the position', () => {
    const state = folded([started, { type: 'lunar.eclipse' } as unknown as JournalFact]);
    expect(state.seq).toBe(2);
    expect({ ...state, seq: 1, atMs: 10 }).toEqual(folded([started]));
  });

  it('P03 reports of one second share a mark, so that a busy fleet leaves room for what else happened', () => {
    const state = folded(
      Array.from({ length: 500 }, (_, index): [number, JournalFact][] => {
        const ids = { job: `job-${index}`, job_id: `r-1-job-${index}` };
        return [submitted, reported].map((fact) => [index * 20, { ...fact, ...ids }]);
      }).flat(),
    );
    expect(state.marks.last().map(({ kind, count }) => `${kind} ${count}`)).toEqual(Array.from({ length: 10 }, () => 'reported 50'));
  });

  it('P03 an event that lacks what its type demands stops nothing', () => {
    const state = folded([started, { type: 'checkpoint.resumed', ...about } as unknown as JournalFact, { type: 'agent.error', ...about, operation: 'x' } as unknown as JournalFact, submitted]);
    expect(state).toMatchObject({ seq: 4, counts: { submitted: 1 } });
  });

  it('P03 whatever order events come in, the fold goes on, and its figures agree', () => {
    const ids = fc.constantFrom('r-1-job-1', 'r-1-job-2', 'r-1-steady-before');
    const hosts = fc.constantFrom('reporting-1', 'control-1');
    const fact: fc.Arbitrary<JournalFact> = fc.oneof(
      ids.map((job_id): JournalFact => ({ type: 'job.submitted', job: job_id.slice(4), job_id, user_id: 'u', question: 'q' })),
      ids.map((job_id): JournalFact => ({ ...reported, job_id })),
      ids.map((job_id): JournalFact => ({ type: 'job.overdue', job: 'x', job_id, waited_ms: 1 })),
      fc.tuple(ids, hosts).map(([job_id, name]): JournalFact => ({ type: 'agent.thinking', host: name, host_at: 0, agent: 'reporting', job_id, operation: 'report', section: 's' })),
      fc.tuple(ids, hosts).map(([job_id, name]): JournalFact => ({ type: 'checkpoint.resumed', host: name, host_at: 0, job_id, sections: ['s'], fencing_token: 1, age_seconds: null })),
      hosts.map((name): JournalFact => ({ type: 'host.exited', host: name, pid: 1, exit_code: 1, signal: null, expected: false })),
      fc.tuple(hosts, fc.integer({ min: 0, max: 4 })).map(([name, to]): JournalFact => ({ type: 'level.changed', host: name, host_at: 0, from: 0, to, reason: 'r' })),
      fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom(1, 2)).map(([fault, occurrence]): JournalFact => ({ type: 'fault.healed', fault, occurrence, affected: null, unit: 'bytes', reason: 'end' })),
    );
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 60 }), (facts) => {
        const state = folded(facts);
        const worst = Math.max(0, ...[...state.hosts.values()].map(({ level }) => level));
        expect(fleetLevel(state).level).toBe(worst);
        for (const id of state.openJobs) expect(state.jobs.get(id)?.endedAtMs).toBeUndefined();
        expect(state.seq).toBe(facts.length);
        expect((facts as JournalEvent[]).length).toBeGreaterThanOrEqual(state.endedJobs.length);
      }),
    );
  });
});
