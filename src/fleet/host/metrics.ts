import type { ReliabilityManager } from '../../reliability/index.ts';
import { breakerStates } from '../../telemetry/metrics/families/breakers.ts';
import type { MetricSet, MetricSetOptions } from '../../telemetry/metrics/metric-set.ts';
import type { BaseAgent } from '../agents/base-agent.ts';
import type { SupervisorAgent } from '../agents/system/supervisor.ts';
import type { DependencyState } from '../connectors/call.ts';
import type { FleetDatabase } from '../connectors/database/fleet-database.ts';
import type { MetricsText } from './routes/metrics.ts';

export interface MetricSources {
  /** Wall clock at the start of the process, milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly agents: () => readonly Pick<BaseAgent, 'name' | 'workInProgress' | 'healthCheck'>[];
  readonly database: Pick<FleetDatabase, 'pool'>;
  readonly dependencies: Readonly<Record<'postgres' | 'kafka' | 'redis' | 'llm', { readonly state: DependencyState }>>;
  readonly reliability: Pick<ReliabilityManager, 'health' | 'retryBudgets'>;
  /** Of the newest calls through a breaker, 0 to 1; null where there were too few. */
  readonly failureRate: (breaker: string) => number | null;
  readonly level: () => number;
  /** Of the supervisor, where the host has it. */
  readonly openJobs: () => { readonly count: number; readonly oldestAgeMs: number } | undefined;
}

/** Names that metrics have as label values; whatever else comes is counted as `other`. */
export function knownNames(agents: readonly string[]): ReturnType<MetricSetOptions['known']> {
  const services = ['postgres', 'kafka', 'redis', 'llm'];
  return { agents, breakers: [...services, ...agents.map((agent) => `agent.${agent}`)], services: [...services, 'database', 'agent'] };
}

/** Undefined where another host has the supervisor, or while it is being made. */
export function openJobsOf(agents: { get(name: string): BaseAgent | undefined }): SupervisorAgent['openJobs'] | undefined {
  return (agents.get('supervisor') as SupervisorAgent | undefined)?.openJobs;
}

/** What `/metrics` shows: gauges as they are when somebody asks. */
export function metricsText(metrics: MetricSet, sources: MetricSources): MetricsText {
  return {
    contentType: metrics.contentType,
    metrics: async () => {
      await readGauges(metrics, sources);
      return metrics.text();
    },
  };
}

/** Reads what is not counted but stands at some figure: costs nothing until somebody scrapes. */
async function readGauges(metrics: MetricSet, sources: MetricSources): Promise<void> {
  // First of all, since it alone is waited for: two scrapes at once must not find each other's gauges half read.
  const agents = await Promise.all(sources.agents().map(async (agent) => ({ name: agent.name, working: agent.workInProgress, lag: (await agent.healthCheck()).consumer_lag })));
  metrics.forget('consumer_lag_messages');
  metrics.forget('agent_work_in_progress');
  for (const { name, working, lag } of agents) {
    metrics.set('agent_work_in_progress', working, { agent: name });
    if (lag !== null) metrics.set('consumer_lag_messages', lag, { agent: name });
  }
  readBreakers(metrics, sources);
  for (const [service, available] of sources.reliability.retryBudgets()) metrics.set('retry_budget_available', available, { service });
  metrics.set('degradation_level', sources.level());
  for (const [dependency, { state }] of Object.entries(sources.dependencies)) metrics.set('dependency_up', state.up ? 1 : 0, { dependency });
  const jobs = sources.openJobs();
  metrics.set('jobs_open', jobs?.count ?? 0);
  metrics.set('oldest_open_job_age_seconds', (jobs?.oldestAgeMs ?? 0) / 1_000);
  const { total, idle, waiting } = sources.database.pool();
  metrics.set('database_pool_connections', total);
  metrics.set('database_pool_idle_connections', idle);
  metrics.set('database_pool_waiting_requests', waiting);
  const { rss, heapUsed } = process.memoryUsage();
  metrics.set('process_start_time_seconds', sources.startedAtMs / 1_000);
  metrics.set('process_resident_memory_bytes', rss);
  metrics.set('process_heap_bytes', heapUsed);
}

/** A breaker that is no more was closed. */
function readBreakers(metrics: MetricSet, { reliability, failureRate }: MetricSources): void {
  metrics.forget('breaker_state');
  metrics.forget('breaker_failure_ratio');
  for (const [breaker, current] of Object.entries(reliability.health().breakers)) {
    for (const state of breakerStates) metrics.set('breaker_state', state === current ? 1 : 0, { breaker, state });
    const rate = failureRate(breaker);
    if (rate !== null) metrics.set('breaker_failure_ratio', rate, { breaker });
  }
}
