import { chooseProvider } from '../../infra/providers/index.ts';
import type { CommandContext } from '../context.ts';
import type { Finding } from './finding.ts';

/** What `--infra auto` would do now. */
export async function providerCheck({ environment, clock, signal }: CommandContext): Promise<Finding> {
  const { reason } = await chooseProvider({ choice: 'auto', environment, clock, signal });
  return { check: '--infra auto', status: 'ok', detail: reason };
}
