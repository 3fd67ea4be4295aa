import { describeSelection } from '../../infra/providers/index.ts';
import type { Finding } from './finding.ts';

/** What `--infra auto` would do now. */
export async function providerCheck(): Promise<Finding> {
  return { check: '--infra auto', status: 'ok', detail: describeSelection('auto') };
}
