/*
 * The conformance suite over Toxiproxy 2.12.0 itself. What the embedded server does otherwise on purpose is no part of that suite;
 * test/infra/embedded/toxiproxy/departures.test.ts shows it, and docs/embedded-servers.md lists it.
 */
import { until } from '../helpers/until.ts';
import { toxiproxyConformance } from '../contract/toxiproxy-conformance.ts';
import { unusedAddress } from '../contract/toxiproxy-sockets.ts';
import { startOnHostNetwork } from './lone-service.ts';

toxiproxyConformance('2.12.0 in a container', async () => {
  // In this machine's network: the suite's upstreams and clients are on its loopback address.
  const [host, port] = (await unusedAddress()).split(':');
  const container = await startOnHostNetwork('toxiproxy', [`-host=${host}`, `-port=${port}`]);
  const url = `http://${host}:${port}`;
  await until(() => fetch(`${url}/version`).then(({ ok }) => ok, () => false), 'an answer of Toxiproxy');
  return { url, close: async () => container[Symbol.asyncDispose]() };
});
