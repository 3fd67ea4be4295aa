import { describe, expect, it } from 'vitest';
import { judgeFaults } from '../../src/chaos/checks/faults-happened.ts';
import type { RunControls } from '../../src/chaos/engine/live-faults.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { runTestScenario, scenarioOf } from '../helpers/scenario.ts';

const scenario = (faults: string): ReturnType<typeof scenarioOf> =>
  scenarioOf(`
workload: { jobs: 60, arrival: { every: 400ms } }
infra: { llm_latency: 20ms }
faults:
  - { type: latency, target: redis, at: 0s, latency: 20ms }
${faults}`);

async function finishedByHand(given: ReturnType<typeof scenarioOf>): Promise<Awaited<ReturnType<typeof runTestScenario>>> {
  let controls: RunControls | undefined;
  let begun = false;
  const steer = async (steered: RunControls): Promise<void> => {
    await steered.faults.inject({ type: 'latency', target: 'kafka', parameters: { latency: '30ms' } });
    await steered.faults.inject({ type: 'llm-rate-limit', target: 'llm', parameters: { trigger: { first: 1 } } });
    steered.finish();
  };
  const steering: Promise<void>[] = [];
  const outcome = await runTestScenario(given, {
    onControls: (handed) => {
      controls = handed;
    },
    onEvent: (event) => {
      if (begun || event.type !== 'job.reported' || controls === undefined) return;
      begun = true;
      steering.push(steer(controls));
    },
  });
  await Promise.all(steering);
  expect(steering).toHaveLength(1);
  return outcome;
}

const of = <Type extends JournalEvent['type']>(events: readonly JournalEvent[], type: Type): Extract<JournalEvent, { type: Type }>[] => events.filter((event) => event.type === type) as Extract<JournalEvent, { type: Type }>[];

describe('faults injected by hand into a scenario', { timeout: 120_000 }, () => {
  it('P02 P03 are healed with its own in reverse order before the steady state is looked at again, and finishing early changes nothing in what is judged', async () => {
    const given = scenario('');
    const { events, verdict, interrupted } = await finishedByHand(given);
    expect({ verdict, interrupted }).toEqual({ verdict: 'pass', interrupted: false });
    expect(of(events, 'fault.injected').map(({ fault, by }) => [fault, by])).toEqual([
      ['latency-redis-1', undefined],
      ['latency-kafka-user-1', 'user'],
      ['llm-rate-limit-llm-user-2', 'user'],
    ]);
    expect(of(events, 'fault.healed').map(({ fault }) => fault)).toEqual(['llm-rate-limit-llm-user-2', 'latency-kafka-user-1', 'latency-redis-1']);
    expect(of(events, 'steady.checked').map(({ phase, met }) => [phase, met])).toEqual([
      ['before', true],
      ['after', true],
    ]);
    expect(of(events, 'job.submitted').length).toBeLessThan(60);
    expect(of(events, 'job.reported')).toHaveLength(of(events, 'job.submitted').length);
    expect(judgeFaults(events, given)).toMatchObject({ status: 'pass' });
  });

  it('P02 P03 a fault of the scenario that never began, since it was finished before, is told and leaves it unknown', async () => {
    const given = scenario('  - { type: kill, target: reporting-1, after: { event: job.reported, count: 60 } }\n');
    const { events } = await finishedByHand(given);
    expect(of(events, 'fault.failed')).toEqual([expect.objectContaining({ fault: 'kill-reporting-1-2', phase: 'start', detail: expect.stringMatching(/its start never came: job\.reported was seen \d+ of 60 times/) as string })]);
    expect(judgeFaults(events, given)).toMatchObject({ status: 'unknown', detail: expect.stringContaining('kill-reporting-1-2') as string });
  });
});
