import { homedir } from 'node:os';
import { join } from 'node:path';

/** NETRA_CACHE_DIR, else `netra-resilience` in XDG_CACHE_HOME or in `~/.cache`. Empty variables count as absent. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['NETRA_CACHE_DIR'] || join(environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache'), 'netra-resilience');
}
