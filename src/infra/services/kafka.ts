import type { Endpoint } from '../provider.ts';
import { exchange } from './exchange.ts';
import type { ServiceDefinition } from './service.ts';

/** Clients are sent to the address that the listener advertises, so the lab and the hosts need one each. */
const DIRECT = 'direct';
const PROXIED = 'proxied';

export const kafka: ServiceDefinition = {
  name: 'kafka',
  embedded: {
    process: 'shared',
    async start({ clock, warn }) {
      const { startKafkaBroker } = await import('../embedded/kafka/broker.ts');
      const broker = await startKafkaBroker({ clock, listeners: [{ name: DIRECT }, { name: PROXIED }], onConnectionFailure: (error) => warn(`Kafka closed a connection: ${error.message}`) });
      return {
        direct: broker.address(DIRECT),
        upstream: broker.address(PROXIED),
        proxied: (endpoint) => broker.advertise(PROXIED, endpoint),
        [Symbol.asyncDispose]: () => broker.close(),
      };
    },
  },
  async probe(endpoint, _, signal) {
    const advertised = await exchange(endpoint, metadataRequest, readBroker, signal);
    if (advertised.host !== endpoint.host || advertised.port !== endpoint.port) {
      throw new Error(`Kafka sends its clients to ${advertised.host}:${advertised.port}, past ${endpoint.host}:${endpoint.port}`);
    }
  },
  hostEnvironment: ({ host, port }) => ({ NETRA_KAFKA_BROKERS: `${host}:${port}` }),
};

/**
 * Metadata v1 for no topic:
 *
 *     size i32 · api_key i16 = 3 · api_version i16 = 1 · correlation_id i32 · client_id string · topics array (empty)
 */
const metadataRequest = (() => {
  const clientId = Buffer.from('netra-probe');
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + clientId.length + 4);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(3, 4);
  request.writeInt16BE(1, 6);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(clientId.length, 12);
  clientId.copy(request, 14);
  return request;
})();

/** The first broker of: size i32 · correlation_id i32 · brokers array of (node_id i32 · host string · port i32 · rack) · … */
function readBroker(received: Buffer): Endpoint | undefined {
  if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return undefined;
  if (received.readInt32BE(8) < 1) throw new Error('Kafka names no broker');
  const hostEnd = 18 + received.readInt16BE(16);
  return { host: received.subarray(18, hostEnd).toString('utf8'), port: received.readInt32BE(hostEnd) };
}
