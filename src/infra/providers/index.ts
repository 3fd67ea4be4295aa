import type { Clock } from '../../core/clock.ts';
import { InfraUnavailable } from '../error-codes.ts';
import { providerNames, type InfraProvider } from '../provider.ts';
import { chooseAutomatically, chooseContainers } from './containers/choose.ts';
import { embedded } from './embedded.ts';
import { externalProvider } from './external.ts';
import { survey } from './external/survey.ts';
import type { ExternalTargets } from './external/targets.ts';

/** What `--infra` takes. */
export const infraChoices = ['auto', ...providerNames] as const;
export type InfraChoice = (typeof infraChoices)[number];

/** Which infrastructure is wanted, as flags, scenario and environment say it. */
export interface ProviderRequest {
  readonly choice: InfraChoice;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Services stay up at the end, and it is told how to reach them; of containers only. @default false */
  readonly keep?: boolean;
  /** Told in a sentence why `auto` takes long: it fetches images. */
  readonly onProgress?: (line: string) => void;
  /** Needed where the choice is `external`. */
  readonly external?: ExternalTargets;
}

export interface ChosenProvider {
  readonly provider: InfraProvider;
  /** Why `auto` means this one, in one sentence. */
  readonly reason: string;
}

/** Throws InfraUnavailable for a provider that cannot be had here, with one sentence that says why, and HostsRefused as `survey` does. */
export async function chooseProvider({ choice, external, environment, clock, signal, keep = false, onProgress }: ProviderRequest): Promise<ChosenProvider> {
  if (choice === 'auto') return chooseAutomatically({ environment, clock, signal, keep, onProgress });
  if (choice === 'containers') return chooseContainers({ environment, clock, signal, keep });
  if (choice === 'embedded') return { provider: embedded, reason: 'embedded was asked for.' };
  if (choice === 'external' && external !== undefined) {
    await survey(external, clock, signal);
    return { provider: externalProvider(external), reason: 'external was asked for.' };
  }
  throw new InfraUnavailable('`--infra external` was not told where its services are; see docs/usage.md.', { context: { choice } });
}
