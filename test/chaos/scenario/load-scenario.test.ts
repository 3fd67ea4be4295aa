import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { faults } from '../../../src/chaos/faults/index.ts';
import { sharedFaultKeys } from '../../../src/chaos/scenario/fault-entry.ts';
import { loadScenario } from '../../../src/chaos/scenario/load-scenario.ts';
import { scenarioJsonSchema } from '../../../src/chaos/scenario/scenario-schema.ts';
import { formatProblem, Problems } from '../../../src/core/problems.ts';

const folder = fileURLToPath(new URL('../../../fixtures/broken/scenarios', import.meta.url));

function problemsOf(file: string, text: string): string[] {
  const problems = new Problems();
  const scenario = loadScenario(file, text, problems);
  expect(scenario === undefined).toBe(problems.any);
  return problems.list.map(formatProblem);
}

/** Each broken file, and how each of its problems begins and what it suggests. */
const broken: Readonly<Record<string, readonly RegExp[]>> = {
  'all-at-once': [/:3:19: "workload\.jobs"/, /:5:13: there is no fault "dwon"; did you mean "down"\?/, /:6:46: "latency" is no duration; write a number and its unit/, /:9:14: there is no expectation "nothing-known"/],
  'description-missing': [/:1:1: "description" is missing; add it/],
  'duration-without-unit': [/:5:13: "time_limit" is no duration; write/, /:4:38: "at" is no duration; write/, /:4:48: "for" is no duration; write a number and its unit: 250ms/],
  'event-host-without-event': [/:4:27: "event-host" needs an event to begin after; add "after"/],
  'event-never-counts': [/:5:50: "fleet\.ready" comes only before the jobs/, /:6:50: "job\.reported" comes once a job, and there are 2 jobs; write a count of at most 2/],
  'event-unknown': [/:4:50: there is no event "checkpoint\.safed"; did you mean "checkpoint\.saved"\?/, /:4:86: there is no event "never\.ever"; known: .*job\.reported/],
  'expectation-unknown': [/:4:14: there is no expectation "everything-is-fine"/],
  'fault-after-time-limit': [/:5:38: the fault would begin after the time limit of 30s; begin it sooner/],
  'fault-unknown': [/:4:13: there is no fault "latencyy"; did you mean "latency"\?/],
  'fault-waits-for-itself': [/:4:47: the fault waits for another one/],
  'fault-without-type': [/:4:5: a fault has no "type"; add it: one of .*down/, /:5:5: a fault cannot be "down"; write a map/],
  'host-unknown': [/:5:27: the fleet has no host "reporting-3"; did you mean "reporting-1"\? It has business-1/],
  'key-unknown': [/:3:1: "worklaod" means nothing here; did you mean "workload"\?/, /:4:10: "reporting_host" means nothing here; did you mean "reporting_hosts"\?/],
  'momentary-fault-lasts': [/:4:51: "kill" happens at once and lasts no time; leave "for" out/],
  'name-differs-from-file': [/:1:7: the scenario is called "something-else" and its file "name-differs-from-file"; give both/],
  'not-yaml': [/:3:\d+: is not YAML: /],
  'parameter-missing': [/:4:5: "rate_kb_per_s" is missing; add it: a number/],
  'parameter-misspelt': [/:4:5: "latency" is missing/, /:6:5: "latensy" means nothing here; did you mean "latency"\?/],
  'probability-above-one': [/:4:47: "probability" is not right: /],
  'repeat-overlaps-itself': [/:4:51: the fault would begin again after 2s while it still lasts; give it a "for"/],
  'setting-of-the-lab': [/:4:\d+: "fleet\.environment\.NETRA_REDIS_URL" is set by the lab itself, or is no name of a setting; leave it out/],
  'start-late-has-a-start': [/:4:44: "start-late" begins before the fleet is started; leave "at" out/],
  'target-unknown': [/:4:27: "target" cannot be "rediss"; did you mean "redis"\?/],
  'two-beginnings-and-two-ends': [/:4:42: the fault has both "at" and "after"; leave one/, /:4:87: the fault has both "for" and "until"; leave one/],
  'waiver-without-reason': [/:4:5: "waive\.0\.reason" is missing/],
};

describe('broken scenarios', () => {
  it('P02 every broken scenario has its expectation here', () => {
    expect(readdirSync(folder).toSorted()).toEqual(Object.keys(broken).map((name) => `${name}.yaml`).toSorted());
  });

  for (const [name, expected] of Object.entries(broken)) {
    it(`P02 ${name}: every problem with its place and a suggestion`, () => {
      const shown = `scenarios/${name}.yaml`;
      const told = problemsOf(shown, readFileSync(join(folder, `${name}.yaml`), 'utf8'));
      for (const pattern of expected) expect(told).toContainEqual(expect.stringMatching(pattern));
      // How many complaints one syntax error gives is the parser's matter.
      expect(name === 'not-yaml' ? expected.length : told.length).toBe(expected.length);
      for (const line of told) expect(line.startsWith(`${shown}:`)).toBe(true);
    });
  }

  it('P02 a waiver of a check that there is none of, once the reason is there', () => {
    expect(problemsOf('x.yaml', 'name: x\ndescription: d\nwaive: [{ check: no-jobs-lost, reason: because }]\n')).toEqual([
      expect.stringMatching(/^x\.yaml:3:18: there is no always-on check "no-jobs-lost"; did you mean "no-job-lost"\?/),
    ]);
  });
});

describe('a scenario', () => {
  it('P02 is read with every default, and milliseconds instead of durations', () => {
    const problems = new Problems();
    const text = `name: small\ndescription: Small.\nseed: 7\nfaults:\n  - { type: latency, target: kafka, after: { event: checkpoint.saved }, for: 1.5s, latency: 400ms, repeat: { times: 2, every: 3s }, probability: 0.5 }\n  - { type: redis-flushed }\n  - { type: start-late, target: kafka, until: { event: job.accepted, count: 2 } }\n`;
    expect(loadScenario('dir/small.yaml', text, problems)).toEqual({
      name: 'small',
      description: 'Small.',
      tags: [],
      seed: '7',
      source: { path: 'dir/small.yaml', text },
      workload: { jobs: 4, concurrency: 4, arrival: { kind: 'together' }, jobTimeoutMs: 60_000 },
      fleet: { reportingHosts: 2, environment: {} },
      infra: { llmLatencyMs: 150, llmTokensPerSecond: 2_000, allowHosts: [] },
      steadyState: { withinMs: 20_000 },
      faults: [
        {
          id: 'latency-kafka-1',
          type: 'latency',
          target: 'kafka',
          parameters: { latency: 400, jitter: 0, stream: 'downstream', toxicity: 1 },
          start: { kind: 'after', event: 'checkpoint.saved', count: 1 },
          length: { kind: 'for', forMs: 1_500 },
          repeat: { times: 2, everyMs: 3_000 },
          probability: 0.5,
        },
        { id: 'redis-flushed-redis-2', type: 'redis-flushed', target: 'redis', parameters: {}, start: { kind: 'at', atMs: 0 }, length: { kind: 'rest' }, probability: 1 },
        { id: 'start-late-kafka-3', type: 'start-late', target: 'kafka', parameters: {}, start: { kind: 'before-fleet' }, length: { kind: 'until', event: 'job.accepted', count: 2 }, probability: 1 },
      ],
      expectations: [],
      guardrails: [],
      timeLimitMs: 90_000,
      waivers: [],
    });
    expect(problems.list).toEqual([]);
  });

  it('P02 workload, fleet, infra, guardrails and waivers are taken over', () => {
    const text = `name: full\ndescription: Full.\ntags: [a, b]\nworkload: { jobs: 9, concurrency: 3, arrival: { every: 500ms }, question: Why?, job_timeout: 5s }\nfleet: { reporting_hosts: 1, environment: { NETRA_LLM_SILENCE_MS: 1000 } }\ninfra: { llm_latency: 0ms, llm_tokens_per_second: 0 }\nsteady_state: { within: 7s }\nguardrails: [{ level: 4, lasts: 2s }]\ntime_limit: 2m\nwaive: [{ check: no-job-lost, reason: it is what this shows }]\n`;
    expect(loadScenario('full.yaml', text, new Problems())).toMatchObject({
      tags: ['a', 'b'],
      workload: { jobs: 9, concurrency: 3, arrival: { kind: 'every', everyMs: 500 }, question: 'Why?', jobTimeoutMs: 5_000 },
      fleet: { reportingHosts: 1, environment: { NETRA_LLM_SILENCE_MS: '1000' } },
      infra: { llmLatencyMs: 0, llmTokensPerSecond: 0, allowHosts: [] },
      steadyState: { withinMs: 7_000 },
      guardrails: [{ kind: 'level', atLeast: 4, lastsMs: 2_000 }],
      timeLimitMs: 120_000,
      waivers: [{ check: 'no-job-lost', reason: 'it is what this shows' }],
    });
  });

  it('P02 the registry: types are unique file names in the field\'s kebab case, and no parameter hides a shared key', () => {
    const types = faults.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    const sources = fileURLToPath(new URL('../../../src/chaos/faults', import.meta.url));
    for (const fault of faults) {
      expect(readdirSync(join(sources, fault.family))).toContain(`${fault.type}.ts`);
      expect(fault.summary.length).toBeGreaterThan(10);
      expect(Object.keys(fault.parameters.shape).filter((key) => sharedFaultKeys.includes(key))).toEqual([]);
    }
  });

  it('P02 the JSON Schema has every fault with its parameters, and durations as they are written', () => {
    const schema = scenarioJsonSchema() as { properties: { faults: { items: { anyOf: { properties: Record<string, { const?: string; default?: unknown; pattern?: string }>; additionalProperties: boolean }[] } }; time_limit: { default: string } } };
    const entries = schema.properties.faults.items.anyOf;
    expect(entries.map(({ properties }) => properties.type?.const)).toEqual(faults.map(({ type }) => type));
    for (const { additionalProperties } of entries) expect(additionalProperties).toBe(false);
    const latency = entries.find(({ properties }) => properties.type?.const === 'latency');
    expect(latency?.properties).toMatchObject({ latency: { type: 'string', pattern: expect.any(String) as string }, jitter: { default: '0ms' }, probability: { default: 1 } });
    expect(schema.properties.time_limit.default).toBe('90s');
  });
});
