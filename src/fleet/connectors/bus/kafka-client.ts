import { Kafka, logLevel, type KafkaConfig, type LogEntry } from 'kafkajs';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../agents/services.ts';
import { quietIdleTimers } from '../../../core/kafkajs-idle-timer.ts';

export interface KafkaClientOptions {
  /** `host:port` */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** TLS, credentials, and where addresses really are. @default none */
  readonly access?: Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'>;
  /** @default 3000 */
  readonly connectTimeoutMs?: number;
  /** For the answer to one request; kafkajs allows more for those that wait on purpose. @default 8000 */
  readonly requestTimeoutMs?: number;
}

/** A kafkajs client that neither retries nor prints. */
export function createKafkaClient(options: KafkaClientOptions, logger: Logger): Kafka {
  quietIdleTimers();
  return new Kafka({
    brokers: [...options.brokers],
    clientId: options.clientId,
    ...options.access,
    connectionTimeout: options.connectTimeoutMs ?? 3_000,
    requestTimeout: options.requestTimeoutMs ?? 8_000,
    // Whoever calls decides about repeating, by the reliability stack; consumers are restarted by their watchdog.
    retry: { retries: 0 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => log(logger, entry),
  });
}

/** kafkajs calls an error what is repeated a moment later: none of its lines asks for anybody's attention. */
function log(logger: Logger, { namespace, log: { message, timestamp: _timestamp, logger: _logger, ...fields } }: LogEntry): void {
  logger.debug(`kafkajs: ${message}`, { namespace, ...fields });
}

/**
 * Settles as `promise` does, but within `timeoutMs`: kafkajs waits without end for a connection that is
 * silently gone, in `disconnect` above all. What is late is left to itself; its rejection is swallowed.
 * @throws Error naming `what` at the timeout
 */
export async function bounded<T>(clock: Clock, promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancelTimer = clock.setTimer(timeoutMs, () => late.reject(new Error(`${what} took longer than ${timeoutMs} ms`)));
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    cancelTimer();
  }
}
