import { describe, expect, it } from 'vitest';
import type { ScenarioOutcome } from '../../src/chaos/engine/scenario-run.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { runTestScenario, scenarioOf } from '../helpers/scenario.ts';

/** One scenario of each family, on real services and a real fleet. */
describe('scenarios end to end', { timeout: 90_000 }, () => {
  const of = <Type extends JournalEvent['type']>(outcome: ScenarioOutcome, type: Type): Extract<JournalEvent, { type: Type }>[] => outcome.events.filter((event) => event.type === type) as Extract<JournalEvent, { type: Type }>[];
  const failing = (outcome: ScenarioOutcome): string[] => outcome.checks.filter(({ status }) => status !== 'pass').map(({ check, status, detail }) => `${check} ${status}: ${detail}`);

  it('P02 network: Redis dropped in the middle of reports is survived, healed and recovered from', async () => {
    const outcome = await runTestScenario(scenarioOf('workload: { jobs: 3 }\nfaults:\n  - { type: down, target: redis, after: { event: checkpoint.saved, count: 2 }, for: 1s }\n'));
    expect(failing(outcome)).toEqual([]);
    expect(outcome.verdict).toBe('pass');
    expect(of(outcome, 'fault.injected')).toEqual([expect.objectContaining({ fault: 'down-redis-1', target: 'redis', occurrence: 1 })]);
    expect(of(outcome, 'fault.healed')[0]?.affected).toBeGreaterThan(0);
    expect(of(outcome, 'job.reported')).toHaveLength(3);
    const order = outcome.events.map(({ type }) => type).filter((type) => ['steady.checked', 'fault.injected', 'fault.healed', 'run.finished'].includes(type));
    expect(order).toEqual(['steady.checked', 'fault.injected', 'fault.healed', 'steady.checked', 'run.finished']);
  });

  it('P02 process and data: the host that works is killed, one of its checkpoints is damaged, the rest is resumed', async () => {
    const outcome = await runTestScenario(
      scenarioOf(`
workload: { jobs: 1 }
faults:
  - { type: checkpoint-corrupted, job: 1, section: data_analysis, after: { event: checkpoint.saved, count: 2 } }
  - { type: kill, target: event-host, after: { event: checkpoint.saved, count: 2 } }
`),
    );
    expect(failing(outcome)).toEqual([]);
    expect(of(outcome, 'fault.healed').map(({ unit, affected }) => [unit, affected])).toEqual([
      ['keys', 1],
      ['processes', 1],
    ]);
    expect(of(outcome, 'checkpoint.rejected').map(({ section, reason }) => [section, reason])).toContainEqual(['data_analysis', 'damaged']);
    expect(of(outcome, 'host.exited').filter(({ signal }) => signal === 'SIGKILL')).toEqual([expect.objectContaining({ expected: true })]);
    expect(of(outcome, 'job.reported')[0]?.result).toMatchObject({ success: true });
  });

  it('P02 start-late: the fleet starts before Kafka is there, takes jobs, and is whole once it comes', async () => {
    const outcome = await runTestScenario(scenarioOf('workload: { jobs: 2 }\nfaults:\n  - { type: start-late, target: kafka, until: { event: job.accepted, count: 2 } }\n'));
    expect(failing(outcome)).toEqual([]);
    const injected = of(outcome, 'fault.injected')[0];
    const started = of(outcome, 'host.started')[0];
    expect(injected?.seq).toBeLessThan(started?.seq ?? 0);
    expect(of(outcome, 'level.changed').some(({ to }) => to === 2)).toBe(true);
    expect(of(outcome, 'steady.checked')[0]).toMatchObject({ phase: 'before', met: true, detail: expect.stringContaining('lacks nothing but kafka') });
    expect(of(outcome, 'fault.healed')).toEqual([expect.objectContaining({ unit: 'hosts', reason: 'length' })]);
    expect(of(outcome, 'fault.healed')[0]?.affected).toBeGreaterThan(0);
  });

  it('P02 without a steady state no fault is injected, and nothing has been shown', async () => {
    const outcome = await runTestScenario(scenarioOf('steady_state: { within: 1ms }\nfaults:\n  - { type: down, target: redis }\n'));
    expect(outcome.verdict).toBe('unknown');
    expect(of(outcome, 'fault.injected')).toEqual([]);
    expect(of(outcome, 'job.submitted')).toEqual([]);
    expect(of(outcome, 'steady.checked')).toEqual([expect.objectContaining({ phase: 'before', met: false })]);
  });

  it('P02 interrupted in the middle of a fault: it is healed, everything ends, and the verdict is unknown', async () => {
    const interrupted = new AbortController();
    const outcome = await runTestScenario(scenarioOf('faults:\n  - { type: latency, target: kafka, latency: 300ms }\n  - { type: pause, target: reporting, after: { event: checkpoint.saved } }\n'), {
      signal: interrupted.signal,
      onEvent: (event) => {
        if (event.type === 'fault.injected' && event.fault_type === 'pause') interrupted.abort(new Error('SIGINT'));
      },
    });
    expect(outcome).toMatchObject({ verdict: 'unknown', interrupted: true });
    expect(of(outcome, 'fault.healed').map(({ fault, reason }) => [fault, reason])).toEqual([
      ['pause-reporting-2', 'interrupted'],
      ['latency-kafka-1', 'interrupted'],
    ]);
    expect(of(outcome, 'host.exited')).toHaveLength(4);
    expect(of(outcome, 'host.exited').every(({ expected }) => expected)).toBe(true);
  });

  it('P02 a guardrail ends the faults early, and the run is red', async () => {
    const outcome = await runTestScenario(scenarioOf('workload: { jobs: 2 }\nguardrails: [{ level: 2, lasts: 500ms }]\nfaults:\n  - { type: down, target: kafka, at: 0s, until: { event: job.overdue } }\n'));
    expect(outcome.verdict).toBe('fail');
    expect(failing(outcome)).toEqual([expect.stringContaining('guardrails fail: level 2 or worse has lasted 500 ms')]);
    expect(of(outcome, 'fault.healed')).toEqual([expect.objectContaining({ reason: 'interrupted' })]);
    expect(of(outcome, 'job.reported')).toHaveLength(2);
  });
});
