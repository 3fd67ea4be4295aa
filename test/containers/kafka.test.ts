import { afterAll } from 'vitest';
import { kafkaClientContract } from '../contract/kafka-client.ts';
import { kafkaProtocolContract } from '../contract/kafka-protocol.ts';
import { startLoneService, type LoneService } from './lone-service.ts';

/*
 * Apache Kafka 4, a broker and controller in one (KRaft), whose advertised listener is its mapped port. No difference to the embedded
 * broker is known in what the two contracts ask; what that one does not have at all is listed in docs/embedded-servers.md.
 */
let kafka: Promise<LoneService> | undefined;
const start = (): Promise<LoneService> => (kafka ??= startLoneService('kafka', { KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '500' }));
const leave = (): Promise<void> => Promise.resolve();

afterAll(async () => (await kafka)?.[Symbol.asyncDispose]());

kafkaClientContract(
  'Apache Kafka 4 in a container',
  async () => {
    const { host, port } = (await start()).endpoint;
    return { brokers: [`${host}:${port}`], [Symbol.asyncDispose]: leave };
  },
  { minSessionTimeoutMs: 500 },
);
kafkaProtocolContract('Apache Kafka 4 in a container', async () => ({ endpoint: (await start()).endpoint, [Symbol.asyncDispose]: leave }));
