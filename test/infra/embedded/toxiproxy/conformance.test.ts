import { startToxiproxy } from '../../../../src/infra/embedded/toxiproxy/server.ts';
import { toxiproxyConformance } from '../../../contract/toxiproxy-conformance.ts';
import { toxiproxyDefects } from '../../../contract/toxiproxy-defects.ts';

toxiproxyConformance('embedded', () => startToxiproxy({ seed: 'conformance' }));
toxiproxyConformance('embedded, strict', () => startToxiproxy({ seed: 'conformance', strictCompatibility: true }));
toxiproxyDefects('embedded, strict', () => startToxiproxy({ strictCompatibility: true }));

// TOXIPROXY_URL=http://127.0.0.1:8474 runs the same tests against a server of Shopify's, on this machine.
const external = process.env['TOXIPROXY_URL'];
if (external !== undefined) toxiproxyConformance(external, async () => ({ url: external, close: async () => undefined }));
