import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/chaos/scenario/scenario.ts';
import { bundledNames, bundledScenario, runBundled } from './bundled.ts';

interface PlantedBug {
  /** What is switched off, in words. */
  readonly without: string;
  /** A control run; everything is off where `environment` does not say otherwise. @default false */
  readonly control?: boolean;
  /** Settings of the hosts that switch it off. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Checks of which at least one has to fail. */
  readonly red: readonly string[];
}

/** One mechanism off, everything else on. */
const only = (mechanism: string, ...red: string[]): PlantedBug => ({ without: mechanism, environment: { NETRA_RESILIENCE: `-${mechanism}` }, red });

/** As a control run, so that what stands in for checkpoints begins the faults that wait for them. */
const withoutCheckpoints: PlantedBug = { ...only('checkpoints', 'resumed'), control: true };

/** Everything off, where one mechanism makes up for another. */
const control = (without: string, ...red: string[]): PlantedBug => ({ without, control: true, red });

/** Waiting longer would tell no more: what has no report by then gets none. */
const jobTimeoutMs = 15_000;

const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  'agent-crash': withoutCheckpoints,
  'brownout': only('retry', 'report-level'),
  'business-crash': only('retry', 'report-level'),
  'checkpoint-corrupted': withoutCheckpoints,
  'checkpoint-expired': withoutCheckpoints,
  'checkpoint-lost': withoutCheckpoints,
  'duplicate-delivery': only('deduplication', 'no-section-paid-twice'),
  'everything-down': only('fallback', 'no-job-lost', 'report-level'),
  'flapping-redis': only('breaker', 'breaker'),
  'kafka-delay': only('direct-calls', 'latency', 'no-job-lost', 'report-level'),
  'kafka-down': only('direct-calls', 'no-job-lost', 'report-level'),
  'kafka-down-at-start': only('direct-calls', 'no-job-lost', 'report-level'),
  'kafka-resets': only('direct-calls', 'no-job-lost', 'report-level'),
  'llm-429-storm': only('retry', 'report-level'),
  'llm-absurd-retry-after': control('fallbacks', 'result-contract', 'report-level'),
  'llm-cut-off': control('retries and fallbacks', 'result-contract', 'report-level'),
  'llm-connections-linger': withoutCheckpoints,
  'llm-garbage-json': control('asking again', 'result-contract', 'report-level'),
  'llm-invented-numbers': only('retry', 'report-level'),
  'llm-mid-stream-stall': { without: 'the limit for silence in a stream', environment: { NETRA_LLM_SILENCE_MS: '600000' }, red: ['no-job-lost', 'report-level'] },
  'llm-overloaded': only('breaker', 'breaker'),
  'llm-quota-exhausted': only('fallback', 'result-contract', 'report-level'),
  'llm-reset-mid-stream': only('retry', 'report-level'),
  'llm-timeout': control('retries and fallbacks', 'result-contract', 'report-level'),
  'llm-truncated-success': only('retry', 'report-level'),
  'poison-message': only('dead-letters', 'no-job-lost'),
  'postgres-down': only('fallback', 'no-job-lost', 'report-level'),
  'redis-black-hole': only('timeout', 'no-job-lost'),
  'redis-drop': only('breaker', 'breaker'),
  'redis-flushed': withoutCheckpoints,
  'redis-in-pieces': withoutCheckpoints,
  'rolling-restart': withoutCheckpoints,
  'supervisor-crash': withoutCheckpoints,
  'zombie-writer': only('fencing', 'no-stale-writer'),
};

describe.concurrent('planted bugs', () => {
  it('P02 every bundled scenario has one', () => {
    expect(Object.keys(plantedBugs).toSorted()).toEqual(bundledNames);
  });

  it.for(Object.entries(plantedBugs))('P02 %s turns red without its mechanism', async ([name, { without, control: off = false, environment = {}, red }], { signal }) => {
    const { outcome, error } = await runBundled(withSettings(bundledScenario(name), environment), { control: off, signal });
    expect(error).toBeUndefined();
    const failed = outcome?.checks.filter(({ status }) => status === 'fail').map(({ check }) => check) ?? [];
    expect({ without, verdict: outcome?.verdict }).toEqual({ without, verdict: 'fail' });
    expect(failed.filter((check) => red.includes(check)), `failed: ${failed.join(', ')}`).not.toEqual([]);
  });
});

function withSettings(scenario: Scenario, environment: Readonly<Record<string, string>>): Scenario {
  const { fleet, workload } = scenario;
  return { ...scenario, workload: { ...workload, jobTimeoutMs }, fleet: { ...fleet, environment: { ...fleet.environment, ...environment } } };
}
