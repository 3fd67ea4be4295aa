import type { BaseAgent } from '../../agents/base-agent.ts';
import { AgentError } from '../../agents/error-codes.ts';
import type { DependencyState } from '../../connectors/call.ts';
import type { FleetDatabase } from '../../connectors/database/fleet-database.ts';
import type { ReliabilityManager } from '../../../reliability/index.ts';
import type { HttpAnswer, Route } from '../http-server.ts';
import type { HostAgents } from '../host-agents.ts';

export interface HealthSources {
  readonly host: string;
  readonly agents: HostAgents;
  readonly database: FleetDatabase;
  readonly dependencies: Readonly<Record<'kafka' | 'redis' | 'llm', { readonly state: DependencyState }>>;
  readonly reliability: ReliabilityManager;
  readonly level: () => number;
  /** Set once the host drains: it is alive, and not ready. */
  readonly draining: () => boolean;
}

/**
 * F10. `/health` says that the process answers; `/health/ready` whether work may be sent to it, which
 * it may while a database is there, be it the fallback; `/health/detailed` shows everything known.
 */
export function healthRoutes(sources: HealthSources): Route[] {
  return [
    get('/health', async () => ({ status: 200, body: { status: 'ok', agent: sources.host } })),
    get('/health/ready', async () => ready(sources, sources.host, sources.agents.allUp())),
    get('/health/detailed', async () => ({ status: 200, body: await hostDetail(sources) })),
    get('/agents/*/health', async ([name]) => ({ status: 200, body: { status: find(sources, name).status, agent: name } })),
    get('/agents/*/health/ready', async ([name]) => ready(sources, name ?? '', isUp(find(sources, name)))),
    get('/agents/*/health/detailed', async ([name]) => ({ status: 200, body: await agentDetail(sources, name) })),
  ];
}

function get(path: string, handle: (segments: readonly string[]) => Promise<HttpAnswer>): Route {
  return { method: 'GET', path, open: true, handle: (request) => handle(request.segments) };
}

function find(sources: HealthSources, name: string | undefined): BaseAgent {
  const agent = sources.agents.get(name ?? '');
  if (agent === undefined) throw new AgentError('AGENT_UNKNOWN', `host ${sources.host} runs no agent '${name}'; it runs ${sources.agents.names().join(', ')}`);
  return agent;
}

function isUp(agent: BaseAgent): boolean {
  return agent.status === 'ready' || agent.status === 'degraded';
}

function ready(sources: HealthSources, agent: string, up: boolean): HttpAnswer {
  const { database, dependencies } = sources;
  const isReady = up && !sources.draining() && database.mode !== 'failed';
  return {
    status: isReady ? 200 : 503,
    body: { status: isReady ? 'ready' : sources.draining() ? 'draining' : 'not ready', database: database.mode, kafka: word(dependencies.kafka.state), redis: word(dependencies.redis.state), agent },
  };
}

/** The host's own: as an agent's, summed up over its agents, with the level and the process' memory. */
async function hostDetail(sources: HealthSources): Promise<object> {
  const agents = await Promise.all(sources.agents.all().map((agent) => agent.healthCheck()));
  const memory = process.memoryUsage();
  const lags = agents.map((agent) => agent.consumer_lag).filter((lag) => lag !== null);
  return {
    agent_id: sources.host,
    status: sources.draining() ? 'draining' : sources.agents.allUp() ? 'ready' : 'not ready',
    uptime: Math.round(process.uptime()),
    level: sources.level(),
    ...shared(sources, lags.length === 0 ? null : sum(lags)),
    metrics: {
      messages_processed: sum(agents.map((agent) => agent.metrics.messages_processed)),
      errors: sum(agents.map((agent) => agent.metrics.errors)),
      last_error: agents.findLast((agent) => agent.metrics.last_error !== null)?.metrics.last_error ?? null,
    },
    memory: { rss_bytes: memory.rss, heap_used_bytes: memory.heapUsed },
    agents,
  };
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}

async function agentDetail(sources: HealthSources, name: string | undefined): Promise<object> {
  const { agent_id, status, uptime, reasons, consumer_lag, metrics } = await find(sources, name).healthCheck();
  return { agent_id, status, uptime, level: sources.level(), reasons, ...shared(sources, consumer_lag), metrics };
}

function shared(sources: HealthSources, consumerLag: number | null): object {
  const { database, dependencies, reliability } = sources;
  const health = reliability.health();
  return {
    dependencies: {
      database: { mode: database.mode, ...describe(database.state), pool: database.pool() },
      kafka: { ...describe(dependencies.kafka.state), consumer_lag: consumerLag },
      redis: describe(dependencies.redis.state),
      llm: describe(dependencies.llm.state),
    },
    breakers: health.breakers,
    reliability: { score: health.score, components: health.components },
  };
}

function word(state: DependencyState): 'up' | 'down' {
  return state.up ? 'up' : 'down';
}

function describe(state: DependencyState): object {
  return state.up ? { up: true } : { up: false, reason: state.reason };
}
