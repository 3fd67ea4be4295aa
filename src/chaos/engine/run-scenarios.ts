import type { ProviderName } from '../../infra/provider.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioOutcome } from './scenario-run.ts';

export interface ScenarioPoolOptions {
  /** How many at once; each has services and a fleet of its own. */
  readonly parallel: number;
  /** Prepares a run folder, runs the scenario in it and closes its journal. */
  readonly run: (scenario: Scenario) => Promise<ScenarioOutcome>;
  /** Called as each is done, in whatever order that is. */
  readonly onResult?: (result: ScenarioResult) => void;
  /** No further scenario is begun once it aborts; what `run` does about it is its own matter. */
  readonly signal: AbortSignal;
}

export interface ScenarioResult {
  readonly scenario: Scenario;
  /** undefined where the run could not begin or was not begun. */
  readonly outcome?: ScenarioOutcome;
  readonly error?: unknown;
}

/** Runs scenarios side by side; one that cannot begin does not keep the others from it. Results are in the order of the list. */
export async function runScenarios(scenarios: readonly Scenario[], { parallel, run, onResult, signal }: ScenarioPoolOptions): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = scenarios.map((scenario) => ({ scenario }));
  const queue = scenarios.entries();
  // Workers share one iterator: each takes the next scenario when it is free.
  const worker = async (): Promise<void> => {
    for (const [index, scenario] of queue) {
      if (signal.aborted) return;
      const result: ScenarioResult = await run(scenario).then(
        (outcome) => ({ scenario, outcome }),
        (error: unknown) => ({ scenario, error }),
      );
      results[index] = result;
      onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, scenarios.length) }, worker));
  return results;
}

/**
 * What a fleet with two reporting hosts and its services take, as measured. Most of a scenario is waiting; more labs than
 * these on a core slow each other's timers down, and a real Kafka keeps a core busy until it has started.
 */
const labs: Readonly<Record<ProviderName, { readonly memoryMb: number; readonly perCore: number }>> = {
  embedded: { memoryMb: 700, perCore: 2 },
  containers: { memoryMb: 1_500, perCore: 1 },
  external: { memoryMb: 500, perCore: 2 },
};

/** How many labs this machine can carry at once. */
export function defaultParallel(provider: ProviderName, machine: { readonly cores: number; readonly freeMemoryMb: number }): number {
  const { memoryMb, perCore } = labs[provider];
  return Math.max(1, Math.min(machine.cores * perCore, Math.floor(machine.freeMemoryMb / memoryMb)));
}
