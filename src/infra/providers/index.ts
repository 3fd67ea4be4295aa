import { InfraUnavailable } from '../error-codes.ts';
import { providerNames, type InfraProvider, type ProviderName } from '../provider.ts';
import { embedded } from './embedded.ts';

/** What `--infra` takes. */
export const infraChoices = ['auto', ...providerNames] as const;
export type InfraChoice = (typeof infraChoices)[number];

const providers: Readonly<Partial<Record<ProviderName, InfraProvider>>> = { embedded };

/** Throws InfraUnavailable for a provider that this version does not have. */
export function selectProvider(choice: InfraChoice): InfraProvider {
  const provider = providers[choice === 'auto' ? automatic : choice];
  if (provider !== undefined) return provider;
  throw new InfraUnavailable(`Infrastructure by \`--infra ${choice}\` is not there yet; \`--infra embedded\` works and needs nothing but Node.`, { context: { choice } });
}

const automatic: ProviderName = 'embedded';

/** Which provider a choice means, and why; one sentence. */
export function describeSelection(choice: InfraChoice): string {
  if (choice === 'auto') return 'auto chooses embedded: it needs nothing but Node, and the other providers are not there yet.';
  return providers[choice] === undefined ? `${choice} is not there yet.` : `${choice} was asked for.`;
}
