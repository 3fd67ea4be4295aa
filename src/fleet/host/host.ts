import { mkdirSync } from 'node:fs';
import type { Clock } from '../../core/clock.ts';
import { createEntropyRng, createRng } from '../../core/rng.ts';
import type { ReliabilityManager } from '../../reliability/index.ts';
import { MetricSet } from '../../telemetry/metrics/metric-set.ts';
import { AgentAsker } from '../agents/ask.ts';
import { requestTopicDefinition, replyTopic, replyTopicDefinition } from '../agents/messages.ts';
import type { AgentRegistry } from '../agents/registry.ts';
import type { AgentServices, Logger } from '../agents/services.ts';
import { createConnectors, type Connectors } from '../connectors/index.ts';
import { jobTopicDefinitions, type ReportOutcome } from '../jobs/messages.ts';
import { jobTables } from '../jobs/tables.ts';
import { advertisedUrl } from './advertised-url.ts';
import { BoundaryGate } from './boundary-gate.ts';
import { BusinessData } from './business-data.ts';
import type { HostSettings } from './config.ts';
import { DegradationMonitor } from './degradation.ts';
import { createDirectCall } from './direct-calls.ts';
import { EventHub } from './event-hub.ts';
import { serveEvents, type EventSocket } from './event-socket.ts';
import { createFleetRegistry } from './fleet-agents.ts';
import { HostAgents } from './host-agents.ts';
import { HttpServer } from './http-server.ts';
import { createJsonLogger } from './logger.ts';
import { knownNames, metricsText, openJobsOf } from './metrics.ts';
import { PeerDirectory } from './peer-directory.ts';
import { RecordedReliability } from './recorded-reliability.ts';
import { watchedEvent } from './reliability-events.ts';
import { hostRoutes } from './routes/index.ts';
import { AgentSamples } from './samples/agent-samples.ts';
import { BreakerSamples } from './samples/breaker-samples.ts';
import { DependencySamples } from './samples/dependency-samples.ts';
import { Sampler } from './samples/sampler.ts';

export interface HostStreams {
  readonly clock: Clock;
  /** Standard error: JSON lines. */
  readonly writeLog: (line: string) => void;
  /** Standard output: `host.listening` first. */
  readonly writeLine: (line: string) => void;
}

/** One process of the fleet: its connectors, its agents, its HTTP side, and how they come up and go down. */
export class Host {
  readonly logger: Logger;
  readonly #settings: HostSettings;
  readonly #streams: HostStreams;
  readonly #hub: EventHub;
  readonly #metrics: MetricSet;
  readonly #reliability: ReliabilityManager;
  readonly #connectors: Connectors;
  readonly #monitor: DegradationMonitor;
  readonly #boundaries: BoundaryGate | undefined;
  readonly #registry: AgentRegistry;
  readonly #agents: HostAgents;
  readonly #http: HttpServer;
  readonly #asker: AgentAsker;
  readonly #data: BusinessData;
  readonly #sampler: Sampler;
  #peers: PeerDirectory | undefined;
  #events: EventSocket | undefined;
  readonly #openBreakers = new Map<string, string>();
  #draining = false;

  constructor(settings: HostSettings, streams: HostStreams) {
    const { config, environment } = settings;
    const { clock } = streams;
    this.#settings = settings;
    this.#streams = streams;
    const startedAtMs = clock.now();
    mkdirSync(config.stateDir, { recursive: true });
    this.logger = createJsonLogger({ clock, write: streams.writeLog, level: environment.NETRA_LOG_LEVEL, correlationId: config.runId, context: () => this.#logContext() }, { host: config.host, run_id: config.runId });
    const onListenerError = (error: unknown): void => this.logger.error('a listener failed', { error });
    this.#hub = new EventHub(clock, config.host, config.runId, onListenerError);
    this.#metrics = new MetricSet({
      host: config.host,
      known: () => knownNames(this.#registry.names()),
      onRefused: (name, error) => this.logger.error('a metric could not be counted; the work goes on', { metric: name, error }),
    });
    const emit = this.#hub.emit.bind(this.#hub);
    const rng = createRng(config.seed).fork(config.host);
    const { retry, breaker, timeout } = config.resilience;
    const dependencies = new DependencySamples(clock);
    const breakers = new BreakerSamples(clock, () => this.#reliability);
    this.#reliability = new RecordedReliability({ clock, rng: rng.fork('jitter'), enabled: retry || breaker, mechanisms: { retry, breaker, timeout }, onListenerError }, (call) => {
      dependencies.ended(call);
      const outcome = breakers.ended(call);
      this.#metrics.count('breaker_calls_total', { breaker: call.breaker, outcome });
      if (call.breaker === 'llm' && outcome !== 'ignored') this.#metrics.observe('llm_latency_seconds', call.latencyMs / 1_000, { outcome });
    });
    this.#sampler = new Sampler({ clock, emit, dependencies, breakers, agents: new AgentSamples(() => this.#agents.all(), clock.monotonicMs()) });
    this.#reliability.events.on((event) => {
      if (event.type === 'breaker.transition') {
        if (event.to === 'closed') this.#openBreakers.delete(event.key);
        else this.#openBreakers.set(event.key, event.to);
      }
      const draft = watchedEvent(event, this.#metrics, (transition) => breakers.changed(transition));
      if (draft !== undefined) emit(draft);
    });
    this.#data = new BusinessData(config.dataDir, this.logger);
    const topics = [...jobTopicDefinitions(environment.NETRA_KAFKA_PARTITIONS), replyTopicDefinition(replyTopic(config.host))];
    this.#connectors = createConnectors({
      environment,
      config,
      reliability: this.#reliability,
      clock,
      rng: createEntropyRng(),
      logger: this.logger,
      emit,
      topics,
      ...(config.role === 'business' ? { prepareFallback: (database) => this.#data.load(database) } : {}),
    });
    const { database, bus, redis, llm } = this.#connectors;
    this.#monitor = new DegradationMonitor(database, { kafka: bus, redis, llm }, (dependency, state) => {
      emit({ type: 'dependency_changed', dependency, up: state.up, detail: state.up ? 'answers' : state.reason });
      if (state.up) this.#probeSoon();
    });
    this.#monitor.onChange((change) => {
      this.logger.warn('degradation level changed', { ...change });
      emit({ type: 'level_changed', ...change });
    });
    this.#boundaries = environment.NETRA_BOUNDARY_EVENTS === 'on' ? new BoundaryGate(streams.writeLine) : undefined;
    const direct = createDirectCall({ clock, peers: { urls: async (role) => (await this.#peers?.urls(role)) ?? [] }, token: environment.NETRA_TOKEN, roleOf: (agent) => this.#registry.get(agent)?.role });
    this.#asker = new AgentAsker({ host: config.host, bus, clock, reliability: this.#reliability, direct, directCalls: config.resilience.directCalls });
    this.#registry = createFleetRegistry({
      data: this.#data,
      model: environment.NETRA_LLM_MODEL,
      directGenerate: async (work, call) => (await direct('reporting', 'generate', work, call)) as ReportOutcome,
      onBoundary: this.#boundaries?.hook,
    });
    for (const role of ['business', 'control', 'reporting'] as const) {
      for (const { name } of this.#registry.forRole(role)) bus.addTopic(requestTopicDefinition(name));
    }
    this.#agents = new HostAgents(this.#registry, config.role, (agent) => this.#servicesOf(agent, emit), clock, this.logger);
    this.#http = new HttpServer(
      hostRoutes(
        {
          host: config.host,
          agents: this.#agents,
          database,
          dependencies: { kafka: bus, redis, llm },
          reliability: this.#reliability,
          level: () => this.#monitor.level,
          draining: () => this.#draining,
        },
        metricsText(this.#metrics, {
          startedAtMs,
          agents: () => this.#agents.all(),
          database,
          dependencies: { postgres: database, kafka: bus, redis, llm },
          reliability: this.#reliability,
          failureRate: (key) => breakers.failureRate(key),
          openJobs: () => openJobsOf(this.#agents),
          level: () => this.#monitor.level,
        }),
        clock,
      ),
      { token: environment.NETRA_TOKEN, logger: this.logger, draining: () => this.#draining },
    );
  }

  /** Listens first and says so; agents come up behind it, and `/health/ready` tells when they have. */
  async start(): Promise<void> {
    const { config, environment } = this.#settings;
    const { database, bus } = this.#connectors;
    const port = await this.#http.listen(environment.NETRA_HTTP_HOST, environment.NETRA_HTTP_PORT);
    this.#events = serveEvents(this.#http, this.#hub, this.#streams.clock);
    this.#sampler.start();
    this.#streams.writeLine(`${JSON.stringify({ type: 'host.listening', host: config.host, port })}\n`);
    this.#peers = new PeerDirectory(database, this.#streams.clock, this.logger, { host: config.host, role: config.role, url: advertisedUrl(environment.NETRA_HTTP_HOST, environment.NETRA_ADVERTISED_HOST, port) });
    // Not a matter of one agent; where they fail here, each agent's own steps try again.
    const replies = bus.connect().then(() => this.#asker.listen());
    replies.catch((error: unknown) => this.logger.warn('replies cannot be received yet; the first request tries again', { error }));
    await this.#agents.start();
    if (this.#draining) return;
    await database.ensureTables(jobTables).catch((error: unknown) => this.logger.warn('the list of hosts cannot be kept yet', { error }));
    this.#peers.start();
  }

  /** Takes no more work, ends what is under way within `graceMs`, leaves groups, closes connections (F12). */
  async stop(why: string, graceMs: number): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    this.logger.info('host is shutting down', { why });
    const late = new AbortController();
    const cancel = this.#streams.clock.setTimer(graceMs, () => late.abort(new Error(`shutdown took longer than ${graceMs} ms`)), { keepAlive: false });
    try {
      await this.#agents.stop(late.signal);
      await this.#peers?.close();
      await this.#asker.close(late.signal);
      await this.#connectors.close(late.signal);
      this.#monitor.close();
      this.#sampler.stop();
      await this.#events?.close();
      await this.#http.close(late.signal);
    } catch (error) {
      this.logger.error('shutdown was not clean', { error });
    } finally {
      cancel();
      this.#sampler.stop();
    }
  }

  /** What comes over standard input. */
  onInput(text: string): void {
    this.#boundaries?.onInput(text);
  }

  /**
   * N06: a dependency that is back is a reason to try again what failed by its absence, before the open time
   * of the breakers is over: the model, and the agents that could not be reached over it.
   */
  #probeSoon(): void {
    for (const key of this.#openBreakers.keys()) {
      if (key === 'llm' || key.startsWith('agent.')) this.#reliability.breaker(key).admitProbe();
    }
  }

  #servicesOf(agent: string, emit: AgentServices['emit']): AgentServices {
    const { database, bus, redis, llm } = this.#connectors;
    return {
      config: this.#settings.config,
      clock: this.#streams.clock,
      rng: createRng(this.#settings.config.seed).fork(agent),
      logger: this.logger.with({ agent }),
      metrics: this.#metrics,
      reliability: this.#reliability,
      database,
      bus,
      redis,
      llm,
      ask: this.#asker.ask,
      emit,
      level: () => this.#monitor.level,
    };
  }

  /** N05: every line tells the level, and which breakers are not closed. */
  #logContext(): Readonly<Record<string, unknown>> {
    return { degradation_level: this.#monitor?.level ?? 0, ...(this.#openBreakers.size === 0 ? {} : { breakers: Object.fromEntries(this.#openBreakers) }) };
  }
}
