/*
 * The conformance suite over Toxiproxy 2.12.0 itself, and its defects: those the embedded server has only with `strictCompatibility`.
 * test/infra/embedded/toxiproxy/departures.test.ts shows what it does in their place, docs/embedded-servers.md lists it.
 */
import { until } from '../helpers/until.ts';
import { toxiproxyConformance, type ServerUnderTest } from '../contract/toxiproxy-conformance.ts';
import { toxiproxyDefects } from '../contract/toxiproxy-defects.ts';
import { unusedAddress } from '../contract/toxiproxy-sockets.ts';
import { startOnHostNetwork } from './lone-service.ts';

async function start(): Promise<ServerUnderTest> {
  // In this machine's network: the suite's upstreams and clients are on its loopback address.
  const [host, port] = (await unusedAddress()).split(':');
  const container = await startOnHostNetwork('toxiproxy', [`-host=${host}`, `-port=${port}`]);
  const url = `http://${host}:${port}`;
  await until(() => fetch(`${url}/version`).then(({ ok }) => ok, () => false), 'an answer of Toxiproxy');
  return { url, close: async () => container[Symbol.asyncDispose]() };
}

toxiproxyConformance('2.12.0 in a container', start);
toxiproxyDefects('2.12.0 in a container', start);
