import { describe, expect, it } from 'vitest';
import type { JournalFact } from '../../../src/journal/events.ts';
import { panels } from '../../../src/tui/panels/index.ts';
import { newUiState, type PanelName } from '../../../src/tui/ui/ui-state.ts';
import { journalOf } from '../journal-of.ts';
import { propsOf, stateOf } from '../recorded.ts';

type TimedFact = JournalFact | readonly [number, JournalFact];

/** Rows of a panel below its title. */
function drawn(panel: PanelName, facts: readonly TimedFact[], { width = 70, height = 8, nowMs = undefined as number | undefined, focus = undefined as PanelName | undefined } = {}): { title: string; rows: string[] } {
  const state = stateOf(journalOf(facts));
  const props = propsOf(state, { ...(nowMs === undefined ? {} : { nowMs }), ui: { ...newUiState(), focus: focus ?? (panel === 'events' ? 'fleet' : 'events') } });
  const [title, ...rows] = panels[panel].draw(props, { x: 0, y: 0, width, height });
  return { title: title?.trimEnd() ?? '', rows: rows.map((row) => row.trimEnd()) };
}

const host = (name: string): JournalFact[] => [
  { type: 'host.started', host: name, pid: 1, restart: 0 },
  { type: 'host.ready', host: name, duration_ms: 1 },
];
const started = (name: string, agent: string): JournalFact => ({ type: 'agent.started', host: name, agent, host_at: 0 });
const sample = (dependency: 'redis' | 'kafka', atMs: number, p50: number, failures = 0, calls = 10): TimedFact => [
  atMs,
  { type: 'dependency.sampled', host: 'control-1', host_at: 0, dependency, interval_ms: 1_000, calls, failures, latency_p50_ms: p50, latency_max_ms: p50 * 2 },
];

describe('dependencies', () => {
  it('P03 latency rises in the bars, failures are crosses, and the median is that of now', () => {
    const facts = [sample('redis', 1_000, 10), sample('redis', 21_000, 400), sample('redis', 41_000, 5, 10), sample('redis', 60_000, 12, 1)];
    const { rows } = drawn('dependencies', facts, { width: 100, nowMs: 60_500 });
    expect(rows[0]).toMatch(/^ redis +● up +▁ +█ +× +▁ +12ms +11✗$/);
    const later = drawn('dependencies', facts, { width: 100, nowMs: 90_000 }).rows[0];
    expect(later).toMatch(/^ redis +● up +× +▅ +– +11✗$/);
  });

  it('P03 a fault shows the time that it has left, or that something else ends it', () => {
    const fault = (target: string, lasts?: number): TimedFact => [1_000, { type: 'fault.injected', fault: 'f', fault_type: 'latency', target, parameters: {}, occurrence: 1, ...(lasts === undefined ? {} : { lasts_ms: lasts }) }];
    expect(drawn('dependencies', [fault('kafka', 8_000)], { width: 70, nowMs: 3_500 }).rows[1]).toMatch(/kafka .*↯ latency 6s$/);
    expect(drawn('dependencies', [fault('kafka', 8_000)], { width: 33, nowMs: 3_500 }).rows[1]).toMatch(/kafka .*↯6s$/);
    expect(drawn('dependencies', [fault('kafka')], { width: 33, nowMs: 3_500 }).rows[1]).toMatch(/kafka .*↯on$/);
    expect(drawn('dependencies', [fault('kafka', 8_000), { type: 'fault.healed', fault: 'f', occurrence: 1, affected: 1, unit: 'calls', reason: 'length' }]).rows[1]).not.toContain('↯');
  });

  it('P03 a dependency that only some hosts have lost is neither up nor down', () => {
    const changed = (name: string, up: boolean): JournalFact => ({ type: 'dependency.changed', host: name, host_at: 0, dependency: 'redis', up, detail: '' });
    expect(drawn('dependencies', [changed('control-1', false), changed('reporting-1', true)]).rows[0]).toContain('◐ part');
    expect(drawn('dependencies', [changed('control-1', false), changed('reporting-1', false)])).toMatchObject({ title: expect.stringContaining('1 down') as string, rows: expect.arrayContaining([expect.stringMatching(/redis +✖ down/)]) as string[] });
  });
});

describe('breakers', () => {
  const transition = (name: string, from: string, to: string, more = {}): JournalFact => ({ type: 'breaker.transition', host: name, host_at: 0, breaker: 'redis', from, to, ...more });

  it('P03 open ones come first with the time to their probe, then half-open ones, then closed ones by their last change', () => {
    const facts: TimedFact[] = [
      [1_000, transition('a-1', 'half-open', 'closed')],
      [2_000, transition('b-1', 'open', 'half-open')],
      [3_000, transition('c-1', 'closed', 'open', { failure_rate: 0.8, probe_in_ms: 5_000 })],
      [3_000, { type: 'breaker.sampled', host: 'd-1', host_at: 0, breaker: 'llm', state: 'closed', failure_rate: 0, calls: 30, probe_in_ms: null }],
    ];
    const { title, rows } = drawn('breakers', facts, { nowMs: 4_500 });
    expect(title).toContain('1 open, 1 half-open');
    expect(rows[0]).toMatch(/^ ○ open +redis +c-1 +80% probe in 4s, since 1.5s$/);
    expect(rows[1]).toMatch(/^ ◐ half-open +redis +b-1 +was open, 2\.5s ago$/);
    expect(rows[2]).toMatch(/^ ● closed +redis +a-1 +was half-open, 3\.5s ago$/);
    expect(rows[3]).toBe(' ● closed  1 never opened, 30 calls');
    expect(drawn('breakers', facts, { nowMs: 4_500, width: 34 }).rows.slice(0, 2)).toEqual([expect.stringMatching(/^ ○ open redis@c-1 +80% →4s$/), expect.stringMatching(/^ ◐ half redis@b-1 +2\.5s$/)]);
  });
});

describe('fleet', () => {
  const business = ['order', 'payment', 'fraud', 'risk'].map((agent) => started('business-1', agent));
  const facts: TimedFact[] = [...host('control-1'), ...host('business-1'), ...host('reporting-1'), started('control-1', 'triage'), started('control-1', 'supervisor'), started('reporting-1', 'reporting'), ...business];

  it('P03 agents come by tier, and business agents share a row with the worst of their states where there is no room', () => {
    const whole = drawn('fleet', facts, { height: 12 }).rows.map((row) => row.trim().split(/\s+/)[0]);
    expect(whole.slice(0, 8)).toEqual(['agent', 'supervisor', 'triage', 'reporting', 'fraud', 'order', 'payment', 'risk']);
    const working: JournalFact = { type: 'agent.sampled', host: 'business-1', host_at: 0, agent: 'risk', interval_ms: 1_000, messages: 7, errors: 2, working: 1 };
    const folded = drawn('fleet', [...facts, working], { height: 6 }).rows;
    expect(folded).toHaveLength(5);
    expect(folded.join('\n')).toMatch(/▸business 4 +business-1 +▶ working +L0 +7 +2✗/);
  });

  it('P03 a host that crashed takes its agents with it, and comes back with a count of its restarts', () => {
    const crash: JournalFact = { type: 'host.exited', host: 'reporting-1', pid: 1, exit_code: null, signal: 'SIGKILL', expected: false };
    expect(drawn('fleet', [...facts, crash], { height: 12 }).rows.join('\n')).toMatch(/reporting +reporting-1 +✖ crashed +-/);
    const again: JournalFact[] = [{ type: 'host.started', host: 'reporting-1', pid: 2, restart: 1 }, { type: 'host.ready', host: 'reporting-1', duration_ms: 1 }];
    expect(drawn('fleet', [...facts, crash, ...again], { height: 12 }).rows.join('\n')).toMatch(/reporting +reporting-1 +· idle↻1 +L0/);
  });

  it('P03 a host under a fault is marked, and its level and breakers stand in its rows', () => {
    const rows = drawn('fleet', [...facts, { type: 'fault.injected', fault: 'p', fault_type: 'pause', target: 'reporting-1', parameters: {}, occurrence: 1 }, { type: 'level.changed', host: 'reporting-1', host_at: 0, from: 0, to: 3, reason: 'x' }, { type: 'breaker.transition', host: 'reporting-1', host_at: 0, breaker: 'llm', from: 'closed', to: 'half-open' }], { height: 12 }).rows;
    expect(rows.find((row) => row.includes('reporting-1'))).toMatch(/· idle↯ +L3 +R●K●P●L◐/);
  });
});

describe('jobs', () => {
  const submitted = (job: string): JournalFact => ({ type: 'job.submitted', job, job_id: job, user_id: 'u', question: 'why?' });
  const begun = (job: string): JournalFact => ({ type: 'agent.started', host: 'reporting-1', host_at: 0, agent: 'reporting', job_id: job, operation: 'report' });
  const reported = (job: string, level = 'FULL'): JournalFact => ({ type: 'job.reported', job, job_id: job, user_id: 'u', duration_ms: 1, result: { success: true, level }, sections: ['summary'], report_path: 'x' });

  it('P03 those at work come first, then those that wait, then those that have ended, the last one first', () => {
    const { title, rows } = drawn('jobs', [...['a', 'b', 'c', 'd', 'e'].map(submitted), begun('b'), reported('d'), reported('a', 'BASIC')]);
    expect(rows.filter((row) => row !== '').map((row) => row.trim()[0])).toEqual(['b', 'e', 'c', 'a', 'd']);
    expect(title).toContain('2 of 5 done: FULL 1, BASIC 1');
  });

  it('P03 each section has a cell of its own that goes through its states', () => {
    const base = { host: 'reporting-1', host_at: 0, agent: 'reporting', job_id: 'a' } as const;
    const facts: JournalFact[] = [
      submitted('a'),
      begun('a'),
      { type: 'checkpoint.resumed', ...base, sections: ['data_analysis'], fencing_token: 2, age_seconds: 1 },
      { type: 'checkpoint.saved', ...base, section: 'recommendations', fencing_token: 2, bytes: 1, duration_ms: 1 },
      { type: 'section.completed', ...base, section: 'action_items', source: 'template', text: 'x' },
      { type: 'agent.thinking', ...base, operation: 'report', section: 'summary' },
    ];
    expect(drawn('jobs', facts).rows[0]).toMatch(/^ a +↻✓~✎ working +reporting-1 +↻1/);
    expect(drawn('jobs', facts.slice(0, 2)).rows[0]).toMatch(/^ a +···· working/);
  });
});

describe('rows of any panel', () => {
  it('P03 the selected row is marked by a sign, kept in sight, and the title says which rows are seen', () => {
    const facts = Array.from({ length: 30 }, (_, index): JournalFact => ({ type: 'job.submitted', job: `job-${index}`, job_id: `id-${index}`, user_id: 'u', question: 'q' }));
    const state = stateOf(journalOf(facts));
    const ui = { ...newUiState(), focus: 'jobs' as const, selected: { ...newUiState().selected, jobs: 'id-5' } };
    const [title, ...rows] = panels.jobs.draw(propsOf(state, { ui }), { x: 0, y: 0, width: 60, height: 6 });
    expect(title).toMatch(/^▸ Jobs: .*━+ 23–27 of 30 $/);
    expect(rows.filter((row) => row.startsWith('›'))).toEqual([expect.stringContaining('job-5 ')]);
    expect(panels.jobs.draw(propsOf(state, { ui: { ...ui, focus: 'fleet' } }), { x: 0, y: 0, width: 60, height: 6 }).some((row) => row.startsWith('›'))).toBe(false);
  });

  it('P03 events follow the newest', () => {
    const facts = Array.from({ length: 30 }, (_, index): JournalFact => ({ type: 'job.submitted', job: `job-${index}`, job_id: `id-${index}`, user_id: 'u', question: 'q' }));
    expect(drawn('events', facts, { height: 4 }).rows.at(-1)).toContain('job-29 asks: q');
  });
});
