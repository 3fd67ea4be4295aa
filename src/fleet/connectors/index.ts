import { keepPasswordOf, keepSecret } from '../../core/secrets.ts';
import { databaseAccess, kafkaAccess, redisAccess, type ServiceAccess } from '../../core/service-access.ts';
import type { FleetConfig } from '../agents/services.ts';
import type { SqlDatabase } from '../data/sql-database.ts';
import { KafkaBus } from './bus/kafka-bus.ts';
import type { TopicDefinition } from './bus/topics.ts';
import type { ConnectorContext } from './connector-context.ts';
import { ResilientDatabase } from './database/resilient-database.ts';
import { OpenAiLlm } from './llm/openai-llm.ts';
import { IoredisStore } from './redis/ioredis-store.ts';

/** The part of a host's environment that says where its services are (fleet protocol). */
export interface ConnectorEnvironment extends ServiceAccess {
  readonly NETRA_REDIS_URL: string;
  /** `host:port`, several separated by commas. */
  readonly NETRA_KAFKA_BROKERS: string;
  readonly NETRA_DATABASE_URL: string;
  readonly NETRA_LLM_BASE_URL: string;
  readonly NETRA_LLM_API_KEY: string;
  readonly NETRA_LLM_MODEL: string;
  /** Milliseconds; see OpenAiLlmOptions. */
  readonly NETRA_LLM_FIRST_TEXT_MS?: number;
  readonly NETRA_LLM_SILENCE_MS?: number;
  readonly NETRA_LLM_ANSWER_MS?: number;
}

export interface ConnectorsOptions extends Omit<ConnectorContext, 'resilience'> {
  readonly environment: ConnectorEnvironment;
  readonly config: FleetConfig;
  /** Topics known at start; more by `bus.topics.add`. @default none */
  readonly topics?: readonly TopicDefinition[];
  /** Fills the business tables of the SQLite stand-in, once a process, before its first read. Must be repeatable. */
  readonly prepareFallback?: (database: SqlDatabase) => Promise<void>;
}

export interface Connectors {
  readonly database: ResilientDatabase;
  readonly bus: KafkaBus;
  readonly redis: IoredisStore;
  readonly llm: OpenAiLlm;
  /** Closes all of them, bounded by `signal`; never rejects. */
  close(signal?: AbortSignal): Promise<void>;
}

/** Makes a host's connectors without waiting for a connection: each connects at first use, and watches its service from now on. */
export function createConnectors(options: ConnectorsOptions): Connectors {
  const { environment, config, topics = [], prepareFallback, ...rest } = options;
  for (const url of [environment.NETRA_DATABASE_URL, environment.NETRA_REDIS_URL, environment.NETRA_LLM_BASE_URL]) keepPasswordOf(url);
  keepSecret(environment.NETRA_LLM_API_KEY);
  keepSecret(environment.NETRA_KAFKA_SASL_PASSWORD);
  const context: ConnectorContext = { ...rest, resilience: config.resilience };
  const database = new ResilientDatabase(context, {
    url: environment.NETRA_DATABASE_URL,
    stateDir: config.stateDir,
    postgres: databaseAccess(environment),
    ...(prepareFallback === undefined ? {} : { prepareFallback }),
  });
  const bus = new KafkaBus(context, { brokers: environment.NETRA_KAFKA_BROKERS.split(','), clientId: config.host, topics, access: kafkaAccess(environment), namePrefix: environment.NETRA_KAFKA_NAME_PREFIX ?? '' });
  const redis = new IoredisStore(context, { url: environment.NETRA_REDIS_URL, access: redisAccess(environment.NETRA_REDIS_URL, environment) });
  const { NETRA_LLM_FIRST_TEXT_MS: firstContentMs, NETRA_LLM_SILENCE_MS: idleMs, NETRA_LLM_ANSWER_MS: answerTimeoutMs } = environment;
  const llm = new OpenAiLlm(context, {
    baseUrl: environment.NETRA_LLM_BASE_URL,
    apiKey: environment.NETRA_LLM_API_KEY,
    model: environment.NETRA_LLM_MODEL,
    host: config.host,
    streamTimeouts: {
      ...(firstContentMs === undefined ? {} : { firstContentMs }),
      ...(idleMs === undefined ? {} : { idleMs }),
    },
    ...(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }),
  });
  for (const watched of [bus, redis, llm]) watched.start();
  return {
    database,
    bus,
    redis,
    llm,
    close: async (signal) => {
      const results = await Promise.allSettled([bus.close(signal), redis.close(), llm.close(), database.close()]);
      for (const result of results) {
        if (result.status === 'rejected') context.logger.warn('a connector did not close cleanly', { error: result.reason });
      }
    },
  };
}
