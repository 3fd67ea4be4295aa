import { describe, expect, it } from 'vitest';
import { defaultParallel, runScenarios } from '../../../src/chaos/engine/run-scenarios.ts';
import type { ScenarioOutcome } from '../../../src/chaos/engine/scenario-run.ts';
import type { Scenario } from '../../../src/chaos/scenario/scenario.ts';

const scenarios = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name }) as Scenario);
const never = new AbortController().signal;

describe('several scenarios', () => {
  it('P02 so many at once and no more, results in the order of the list', async () => {
    const gates = new Map(scenarios.map(({ name }) => [name, Promise.withResolvers<void>()]));
    const done: string[] = [];
    let running = 0;
    let most = 0;
    const results = runScenarios(scenarios, {
      parallel: 2,
      signal: never,
      run: async (scenario) => {
        most = Math.max(most, ++running);
        await gates.get(scenario.name)?.promise;
        running -= 1;
        return { scenario, verdict: 'pass' } as unknown as ScenarioOutcome;
      },
      onResult: ({ scenario }) => done.push(scenario.name),
    });
    await expect.poll(() => running).toBe(2);
    for (const name of ['b', 'c', 'a', 'e', 'd']) {
      gates.get(name)?.resolve();
      await expect.poll(() => done.at(-1)).toBe(name);
    }
    expect((await results).map(({ scenario }) => scenario.name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(most).toBe(2);
  });

  it('P02 one that cannot begin does not keep the others from it', async () => {
    const results = await runScenarios(scenarios, {
      parallel: 3,
      signal: never,
      run: (scenario) => (scenario.name === 'b' ? Promise.reject(new Error('no port')) : Promise.resolve({ scenario } as unknown as ScenarioOutcome)),
    });
    expect(results.map(({ outcome, error }) => (outcome === undefined ? String(error) : 'done'))).toEqual(['done', 'Error: no port', 'done', 'done', 'done']);
  });

  it('P02 after an interruption no further one is begun', async () => {
    const interrupted = new AbortController();
    const begun: string[] = [];
    const results = await runScenarios(scenarios, {
      parallel: 1,
      signal: interrupted.signal,
      run: async (scenario) => {
        begun.push(scenario.name);
        if (scenario.name === 'b') interrupted.abort();
        return { scenario } as unknown as ScenarioOutcome;
      },
    });
    expect(begun).toEqual(['a', 'b']);
    expect(results.map(({ outcome }) => outcome !== undefined)).toEqual([true, true, false, false, false]);
  });

  it('P02 as many as cores and memory carry, and at least one', () => {
    expect(defaultParallel('embedded', { cores: 2, freeMemoryMb: 16_000 })).toBe(4);
    expect(defaultParallel('containers', { cores: 2, freeMemoryMb: 16_000 })).toBe(2);
    expect(defaultParallel('embedded', { cores: 16, freeMemoryMb: 2_100 })).toBe(3);
    expect(defaultParallel('containers', { cores: 1, freeMemoryMb: 100 })).toBe(1);
  });
});
