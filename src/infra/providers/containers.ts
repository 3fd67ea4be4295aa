import type { InfraProvider } from '../provider.ts';
import { ContainersStart, type ContainersOptions } from './containers/start.ts';

/** The real services in containers of this machine's engine, behind a real Toxiproxy; only the LLM gateway is ours. */
export function containers(settings: ContainersOptions): InfraProvider {
  return {
    name: 'containers',
    async start(options) {
      const start = new ContainersStart({ ...options, ...settings });
      try {
        return await start.run();
      } catch (error) {
        await start.stop();
        throw error;
      }
    },
  };
}
