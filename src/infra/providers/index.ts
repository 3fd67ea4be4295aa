import type { Clock } from '../../core/clock.ts';
import { InfraUnavailable } from '../error-codes.ts';
import { providerNames, type InfraProvider } from '../provider.ts';
import { embedded } from './embedded.ts';

/** What `--infra` takes. */
export const infraChoices = ['auto', ...providerNames] as const;
export type InfraChoice = (typeof infraChoices)[number];

/** Which infrastructure is wanted, as flags, scenario and environment say it. */
export interface ProviderRequest {
  readonly choice: InfraChoice;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface ChosenProvider {
  readonly provider: InfraProvider;
  /** Why `auto` means this one, in one sentence. */
  readonly reason: string;
}

/** Throws InfraUnavailable for a provider that cannot be had here, with one sentence that says why. */
export async function chooseProvider({ choice }: ProviderRequest): Promise<ChosenProvider> {
  if (choice === 'auto') return { provider: embedded, reason: 'auto chooses embedded: it needs nothing but Node, and the other providers are not there yet.' };
  if (choice === 'embedded') return { provider: embedded, reason: 'embedded was asked for.' };
  throw new InfraUnavailable(`Infrastructure by \`--infra ${choice}\` is not there yet; \`--infra embedded\` works and needs nothing but Node.`, { context: { choice } });
}
