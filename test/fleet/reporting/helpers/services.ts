import { systemClock, type Clock } from '../../../../src/core/clock.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { allSwitchedOn, type ResilienceSwitches } from '../../../../src/fleet/agents/resilience-switches.ts';
import type { AgentServices, Logger } from '../../../../src/fleet/agents/services.ts';
import type { Llm } from '../../../../src/fleet/connectors/llm/llm.ts';
import type { RedisStore } from '../../../../src/fleet/connectors/redis/redis-store.ts';
import type { FleetEventDraft } from '../../../../src/journal/fleet-events.ts';
import { ReliabilityManager } from '../../../../src/reliability/index.ts';
import { AbsentRedisStore } from './direct-redis-store.ts';

export interface RecordedMetric {
  readonly name: string;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** An agent's services with everything recorded that leaves the agent; what a test does not give is absent, and touching it fails. */
export interface TestServices extends AgentServices {
  readonly events: FleetEventDraft[];
  readonly recorded: RecordedMetric[];
  eventsOf<Type extends FleetEventDraft['type']>(type: Type): Extract<FleetEventDraft, { type: Type }>[];
  /** Sum of a counter over its labels, or over those that match. */
  counted(name: string, labels?: Readonly<Record<string, string>>): number;
}

export interface TestServicesOptions {
  readonly redis?: RedisStore;
  readonly llm?: Llm;
  readonly ask?: AgentServices['ask'];
  readonly clock?: Clock;
  readonly resilience?: Partial<ResilienceSwitches>;
}

const silentLogger: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => silentLogger };

function absent(what: string): never {
  throw new Error(`this test gives no ${what}`);
}

export function testServices(options: TestServicesOptions = {}): TestServices {
  const clock = options.clock ?? systemClock;
  const rng = createRng('reporting-test');
  const events: FleetEventDraft[] = [];
  const recorded: RecordedMetric[] = [];
  return {
    config: {
      host: 'test',
      role: 'reporting',
      runId: 'lab-run',
      seed: 'seed',
      resilience: { ...allSwitchedOn, ...options.resilience },
      jobConcurrency: 1,
      dataDir: undefined,
      stateDir: '/nonexistent',
    },
    clock,
    rng,
    logger: silentLogger,
    metrics: {
      count: (name, labels = {}, by = 1) => void recorded.push({ name, labels, value: by }),
      observe: (name, value, labels = {}) => void recorded.push({ name, labels, value }),
    },
    reliability: new ReliabilityManager({ clock, rng }),
    get database(): never {
      return absent('database');
    },
    get bus(): never {
      return absent('bus');
    },
    redis: options.redis ?? new AbsentRedisStore(),
    get llm(): Llm {
      return options.llm ?? absent('model');
    },
    ask: options.ask ?? (() => Promise.reject(new Error('nobody to ask'))),
    emit: (event) => void events.push(event),
    level: () => 0,
    events,
    recorded,
    eventsOf: <Type extends FleetEventDraft['type']>(type: Type) => events.filter((event): event is Extract<FleetEventDraft, { type: Type }> => event.type === type),
    counted: (name, labels = {}) =>
      recorded.filter((metric) => metric.name === name && Object.entries(labels).every(([key, value]) => metric.labels[key] === value)).reduce((sum, metric) => sum + metric.value, 0),
  };
}
