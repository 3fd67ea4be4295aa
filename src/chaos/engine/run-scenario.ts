import { createHash } from 'node:crypto';
import type { JournalEvent } from '../../journal/events.ts';
import type { CheckResult } from '../checks/check.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { judgeCourse } from './course-checks.ts';
import { runEngine } from './run-engine.ts';
import type { ScenarioOutcome, ScenarioRunOptions } from './scenario-run.ts';

const fleetReadyTimeoutMs = 90_000;
const shutdownGraceMs = { normal: 10_000, interrupted: 1_500 } as const;

/**
 * Runs one scenario on infrastructure and a fleet of its own: provision → start → steady state → jobs and faults →
 * heal → steady state → evidence → checks → tear down. Whatever was broken is healed on every way out; an
 * interruption is an outcome. Throws what kept the run from beginning, as `runEngine` does.
 */
export async function runScenario(options: ScenarioRunOptions): Promise<ScenarioOutcome> {
  const { scenario, journal, clock, provider, signal } = options;
  const seed = options.seed ?? scenario.seed;
  const events: JournalEvent[] = [];
  const unsubscribe = journal.onEvent((event) => events.push(event));
  const startedAtMs = clock.monotonicMs();
  try {
    const { name, source } = scenario;
    journal.append({ type: 'scenario.planned', name, path: source.path, hash: createHash('sha256').update(source.text).digest('hex'), text: source.text });
    const { verdict, checks, interrupted } = await runEngine({
      runId: options.runId,
      clock,
      journal,
      provider,
      infra: {
        seed,
        logsDir: options.folder.logs,
        cacheDir: options.cacheDir,
        llm: { ...options.llm, latencyMs: scenario.infra.llmLatencyMs, tokensPerSecond: scenario.infra.llmTokensPerSecond },
      },
      hosts: (infra, token) => options.hosts(infra, token).map((host) => ({ ...host, environment: { ...host.environment, ...scenario.fleet.environment } })),
      supervisorHost: options.supervisorHost,
      token: options.token,
      workload: {
        jobs: options.jobs,
        concurrency: scenario.workload.concurrency,
        jobTimeoutMs: scenario.workload.jobTimeoutMs,
        ...(scenario.workload.arrival.kind === 'every' ? { everyMs: scenario.workload.arrival.everyMs } : {}),
      },
      folder: options.folder.path,
      experiment: { scenario, seed, control: options.control },
      ...(options.onControls === undefined ? {} : { onControls: options.onControls }),
      collectEvidence: options.collectEvidence,
      judge: (journaled) => judgeRun(journaled, scenario, options.judge),
      handleReport: options.handleReport,
      fleetReadyTimeoutMs,
      shutdownGraceMs,
      signal,
    });
    return { scenario, seed, control: options.control, runId: options.runId, provider: provider.name, folder: options.folder.path, verdict, checks, interrupted, durationMs: Math.round(clock.monotonicMs() - startedAtMs), events };
  } finally {
    unsubscribe();
  }
}

/** All checks of a scenario's journal, live or read from its file: how it went, and what `judge` makes of it. */
export function judgeRun(events: readonly JournalEvent[], scenario: Scenario, judge: ScenarioRunOptions['judge']): CheckResult[] {
  return [...judgeCourse(events), ...judge(events, scenario)];
}
