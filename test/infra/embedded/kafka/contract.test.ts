import { startKafkaBroker } from '../../../../src/infra/embedded/kafka/broker.ts';
import { kafkaClientContract } from '../../../contract/kafka-client.ts';

kafkaClientContract(
  'embedded broker',
  async () => {
    const broker = await startKafkaBroker({ listeners: [{ name: 'direct' }] });
    const { host, port } = broker.address('direct');
    return { brokers: [`${host}:${port}`], [Symbol.asyncDispose]: () => broker.close() };
  },
  { minSessionTimeoutMs: 500 },
);
