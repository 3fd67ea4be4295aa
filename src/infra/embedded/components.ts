import type { ServiceName } from '../provider.ts';
import { services } from '../services/index.ts';
import type { EmbeddedOptions, EmbeddedServer, ServiceContext } from '../services/service.ts';

/** What runs in the embedded processes: the services, and the proxy in front of them. */
export type ComponentName = ServiceName | 'toxiproxy';

export async function startComponent(name: ComponentName, options: EmbeddedOptions): Promise<EmbeddedServer> {
  if (name !== 'toxiproxy') return services[name].embedded.start(options);
  const { startToxiproxy } = await import('./toxiproxy/server.ts');
  const server = await startToxiproxy({ clock: options.clock, seed: options.seed });
  const endpoint = { host: server.host, port: server.port };
  return { direct: endpoint, upstream: endpoint, [Symbol.asyncDispose]: () => server.close() };
}

/** Environment variable with the `ProcessConfig` of a process, as JSON: unlike an argument, other users cannot read it. */
export const CONFIG_VARIABLE = 'NETRA_EMBEDDED';

export interface ProcessConfig {
  readonly components: readonly ComponentName[];
  readonly context: ServiceContext;
}
