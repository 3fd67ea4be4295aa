import { asError, isNetraError } from '../../../core/errors.ts';
import { classifyError } from '../../../reliability/index.ts';
import { ConnectorError } from '../../error-codes.ts';

/** Broker answers that no repetition changes; kafkajs marks some of them retriable all the same. */
const finalTypes: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_TOPIC_EXCEPTION', 'TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'POLICY_VIOLATION', 'INVALID_PARTITIONS', 'INVALID_REPLICATION_FACTOR']);

/** The protocol error of the broker inside of kafkajs's wrappers ("number of retries exceeded", "aggregate"). */
function brokerAnswer(error: Error): string | undefined {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 8; depth++) {
    const { type, errors, cause } = current as { type?: unknown; errors?: unknown; cause?: unknown };
    if (typeof type === 'string') return type;
    current = Array.isArray(errors) ? errors[0] : cause;
  }
  return undefined;
}

/** What kafkajs threw, as a ConnectorError. */
export function toKafkaError(thrown: unknown, doing: string, clock: { now(): number }): Error {
  const error = asError(thrown);
  if (isNetraError(error)) return error;
  const type = brokerAnswer(error);
  if (type !== undefined && finalTypes.has(type)) return new ConnectorError('KAFKA_REFUSED', `Kafka refused ${doing}: ${error.message}`, { cause: error, context: { type } });
  const { kind, maybeExecuted } = classifyError(error, clock);
  if (kind === 'bug') return error;
  return new ConnectorError('KAFKA_UNAVAILABLE', `Kafka is not available (${doing}): ${error.message}`, { cause: error, maybeExecuted });
}
