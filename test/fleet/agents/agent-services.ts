import { systemClock, type Clock } from '../../../src/core/clock.ts';
import { Emitter } from '../../../src/core/emitter.ts';
import { createRng } from '../../../src/core/rng.ts';
import { allSwitchedOn, type ResilienceSwitches } from '../../../src/fleet/agents/resilience-switches.ts';
import type { AgentServices, Logger } from '../../../src/fleet/agents/services.ts';
import type { DependencyState } from '../../../src/fleet/connectors/call.ts';
import type { DatabaseMode, FleetDatabase } from '../../../src/fleet/connectors/database/fleet-database.ts';
import type { Llm } from '../../../src/fleet/connectors/llm/llm.ts';
import type { RedisStore } from '../../../src/fleet/connectors/redis/redis-store.ts';
import { ConnectorError } from '../../../src/fleet/error-codes.ts';
import type { FleetEventDraft } from '../../../src/journal/fleet-events.ts';
import { ReliabilityManager } from '../../../src/reliability/index.ts';
import { FakeBus } from './fake-bus.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** As much of a database as an agent's lifecycle uses: it comes when told to. */
export class FakeDatabase {
  mode: DatabaseMode = 'failed';
  readonly dialect = 'postgres';
  state: DependencyState = { up: true };
  connects = 0;
  readonly connectedAtMs: number[] = [];
  readonly tables: string[] = [];
  available = true;
  fallback = true;
  readonly modes = new Emitter<void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async connect(): Promise<void> {
    this.connects += 1;
    this.connectedAtMs.push(this.#clock.monotonicMs());
    if (!this.available) throw new ConnectorError('DATABASE_UNAVAILABLE', 'connection refused');
    this.mode = 'postgres';
  }
  async useFallback(reason: string): Promise<void> {
    if (!this.fallback) throw new ConnectorError('DATABASE_FALLBACK_OFF', `no database: ${reason}`);
    this.mode = 'sqlite';
  }
  async ensureTables(ddl: readonly string[]): Promise<void> {
    this.tables.push(...ddl);
  }
  pool(): { total: number; idle: number; waiting: number } {
    return { total: 1, idle: 1, waiting: 0 };
  }
}

export class FakeRedis {
  state: DependencyState = { up: true };
  pings = 0;
  execute(): Promise<unknown> {
    this.pings += 1;
    return this.state.up ? Promise.resolve('PONG') : Promise.reject(new ConnectorError('REDIS_UNAVAILABLE', 'Redis is gone'));
  }
}

export interface FakeServices extends AgentServices {
  readonly fakes: { readonly bus: FakeBus; readonly database: FakeDatabase; readonly redis: FakeRedis };
  readonly events: FleetEventDraft[];
  readonly lines: LogLine[];
  readonly counts: string[];
}

/** An agent's services on fakes of the ports, everything recorded. */
export function fakeServices(options: { readonly clock?: Clock; readonly resilience?: Partial<ResilienceSwitches>; readonly ask?: AgentServices['ask']; readonly database?: FleetDatabase; readonly level?: () => number } = {}): FakeServices {
  const clock = options.clock ?? systemClock;
  const rng = createRng('agents');
  const fakes = { bus: new FakeBus(), database: new FakeDatabase(clock), redis: new FakeRedis() };
  const events: FleetEventDraft[] = [];
  const lines: LogLine[] = [];
  const counts: string[] = [];
  const log =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      void lines.push({ level, message, fields });
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error'), with: () => logger };
  const resilience = { ...allSwitchedOn, ...options.resilience };
  return {
    config: { host: 'test-1', role: 'control', runId: 'r', seed: 's', resilience, jobConcurrency: 1, dataDir: undefined, stateDir: '/nonexistent' },
    clock,
    rng,
    logger,
    metrics: { count: (name) => void counts.push(name), observe: () => undefined },
    reliability: new ReliabilityManager({ clock, rng, enabled: resilience.retry }),
    database: options.database ?? (fakes.database as unknown as FleetDatabase),
    bus: fakes.bus,
    redis: fakes.redis as unknown as RedisStore,
    llm: { state: { up: true } } as Llm,
    ask: options.ask ?? (() => Promise.reject(new Error('nobody to ask'))),
    emit: (event) => void events.push(event),
    level: options.level ?? (() => 0),
    fakes,
    events,
    lines,
    counts,
  };
}
