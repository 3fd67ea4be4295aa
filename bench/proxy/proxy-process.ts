/** The embedded Toxiproxy in a process of its own, as a run has it; ends with its parent's channel. */
import { startToxiproxy } from '../../src/infra/embedded/toxiproxy/server.ts';

const toxiproxy = await startToxiproxy();
process.send?.(toxiproxy.url);
process.once('disconnect', () => void toxiproxy.close());
