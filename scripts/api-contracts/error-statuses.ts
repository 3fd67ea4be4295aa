import { statusOfCode } from '../../src/fleet/host/http-server.ts';
import { loadAreas } from '../error-codes.ts';

/** What a host can fail with: its own code and what that is built upon. */
const ofHosts = /^(?:core|reliability|fleet(?:\/.*)?)$/;

export const hostErrorCodes: readonly string[] = (await loadAreas())
  .filter(({ folder }) => ofHosts.test(folder))
  .flatMap(({ codes }) => Object.keys(codes))
  .toSorted((left, right) => (left < right ? -1 : 1));

/** The codes that come with a status. Any that has no status of its own is 503 where trying again may help, and 500 otherwise; one occurrence may differ from the next. */
export function codesOfStatus(status: number): readonly string[] {
  if (status === 500) return hostErrorCodes.filter((code) => !(code in statusOfCode));
  return hostErrorCodes.filter((code) => (statusOfCode[code] ?? 503) === status);
}
