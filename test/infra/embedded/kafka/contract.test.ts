import { startKafkaBroker } from '../../../../src/infra/embedded/kafka/broker.ts';
import { kafkaClientContract } from '../../../contract/kafka-client.ts';
import { kafkaProtocolContract } from '../../../contract/kafka-protocol.ts';

async function start(): Promise<{ readonly endpoint: { readonly host: string; readonly port: number }; [Symbol.asyncDispose](): Promise<void> }> {
  const broker = await startKafkaBroker({ listeners: [{ name: 'direct' }] });
  return { endpoint: broker.address('direct'), [Symbol.asyncDispose]: () => broker.close() };
}

kafkaClientContract(
  'embedded broker',
  async () => {
    const started = await start();
    return { brokers: [`${started.endpoint.host}:${started.endpoint.port}`], [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
  },
  { minSessionTimeoutMs: 500 },
);
kafkaProtocolContract('embedded broker', start);
