import { explainAutomatic } from '../../infra/providers/containers/choose.ts';
import type { CommandContext } from '../context.ts';
import type { Finding } from './finding.ts';

/** What `--infra auto` would do now; nothing is fetched for it. */
export async function providerCheck({ environment, clock, signal }: CommandContext): Promise<Finding> {
  return { check: '--infra auto', status: 'ok', detail: await explainAutomatic({ environment, clock, signal }) };
}
